function __firn_should_offer_completions_for_flags_or_options -a expected_commands
    set -l non_repeating_flags_or_options $argv[2..]
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __firn_parse_tokens
    test "$commands" = "$expected_commands"; and return $non_repeating_flags_or_options_absent
end

function __firn_should_offer_completions_for_positional -a expected_commands positional_index_comparison expected_positional_index
    set -l non_repeating_flags_or_options
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __firn_parse_tokens
    test "$commands" = "$expected_commands" -a \( "$positional_index" "$positional_index_comparison" "$expected_positional_index" \)
end

function __firn_parse_tokens -S
    set -l unparsed_tokens (__firn_tokens -pc)
    switch $unparsed_tokens[1]
    case 'firn'
        __firn_parse_subcommand 0 'version' 'h/help'
        switch $unparsed_tokens[1]
        case 'check'
            __firn_parse_subcommand -r 1 'profile=' 'rules=+' 'profiles=' 'fail-on=' 'format=+' 'as=' 'now=' 'waivers=' 'root=' 'color=' 'all-generations' 'details' 'all' 'deep' 'version' 'h/help'
        case 'gate'
            __firn_parse_subcommand -r 1 'policy=' 'profile=' 'rules=+' 'profiles=' 'waivers=' 'artifact=' 'closure-info=' 'baseline=' 'challenge=' 'now=' 'format=+' 'verdict=' 'check=' 'color=' 'details' 'version' 'h/help'
        case 'report'
            __firn_parse_subcommand -r 1 'rules=+' 'profiles=' 'format=+' 'bundle=' 'force' 'closure=' 'waivers=' 'now=' 'color=' 'details' 'all' 'version' 'h/help'
        case 'drift'
            __firn_parse_subcommand -r 1 'rules=+' 'profiles=' 'profile=' 'fail-on=' 'format=+' 'color=' 'all' 'version' 'h/help'
        case 'diff'
            __firn_parse_subcommand 2 'format=' 'color=' 'all' 'version' 'h/help'
        case 'history'
            __firn_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'add'
                __firn_parse_subcommand -r 1 'database=' 'version' 'h/help'
            case 'show'
                __firn_parse_subcommand 0 'database=' 'host=' 'rule=' 'since=' 'format=' 'color=' 'all' 'version' 'h/help'
            end
        case 'fix'
            __firn_parse_subcommand -r 1 'severity=' 'include-waived' 'host=' 'o/output=' 'verify=' 'nixpkgs=' 'system=' 'timeout=' 'profile=' 'rules=+' 'profiles=' 'version' 'h/help'
        case 'waiver'
            __firn_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'lint'
                __firn_parse_subcommand -r 2 'now=' 'within=' 'format=' 'color=' 'rules=+' 'profiles=' 'version' 'h/help'
            case 'list'
                __firn_parse_subcommand 1 'now=' 'format=' 'color=' 'version' 'h/help'
            end
        case 'sign'
            __firn_parse_subcommand -r 1 'key=' 'closure=' 'artifact=' 'type=' 'bundle=' 'output=' 'version' 'h/help'
        case 'verify'
            __firn_parse_subcommand 1 'key=+' 'artifact=' 'closure=' 'report=+' 'waivers=' 'policy=' 'profile=' 'challenge=' 'now=' 'signature-only' 'version' 'h/help'
        case 'updates'
            __firn_parse_subcommand 1 'offline' 'channel-url=' 'format=+' 'journal' 'now=' 'color=' 'profiles=' 'version' 'h/help'
        case 'rules'
            __firn_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'list'
                __firn_parse_subcommand 0 'family=' 'format=' 'rules=+' 'profiles=' 'version' 'h/help'
            case 'show'
                __firn_parse_subcommand 1 'rules=+' 'profiles=' 'version' 'h/help'
            case 'search'
                __firn_parse_subcommand -r 1 'format=' 'rules=+' 'profiles=' 'version' 'h/help'
            end
        case 'profiles'
            __firn_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'list'
                __firn_parse_subcommand 0 'rules=+' 'profiles=' 'version' 'h/help'
            case 'show'
                __firn_parse_subcommand 1 'rules=+' 'profiles=' 'version' 'h/help'
            case 'diff'
                __firn_parse_subcommand 2 'rules=+' 'profiles=' 'version' 'h/help'
            end
        case 'explain'
            __firn_parse_subcommand 1 'rules=+' 'profiles=' 'version' 'h/help'
        case 'doctor'
            __firn_parse_subcommand 0 'format=' 'version' 'h/help'
        case 'help'
            __firn_parse_subcommand -r 1 'version'
        end
    end
end

function __firn_tokens
    if test (string split -m 1 -f 1 -- . "$FISH_VERSION") -gt 3
        commandline --tokens-raw $argv
    else
        commandline -o $argv
    end
end

function __firn_parse_subcommand -S -a positional_count
    argparse -s r -- $argv
    set -l option_specs $argv[2..]
    set -l is_repeating_positional $_flag_r
    set -el _flag_r
    set -a commands $unparsed_tokens[1]
    set positional_index 0
    while true
        set -e unparsed_tokens[1]
        argparse -sn "$commands" $option_specs -- $unparsed_tokens 2> /dev/null
        set unparsed_tokens $argv
        set positional_index (math $positional_index + 1)
        for non_repeating_flag_or_option in $non_repeating_flags_or_options
            if set -ql "_flag_$(string replace -a - _ -- $non_repeating_flag_or_option)"
                set non_repeating_flags_or_options_absent 1
                break
            end
        end
        test (count $unparsed_tokens) -eq 0 -o \( -z "$is_repeating_positional" -a "$positional_index" -gt "$positional_count" \) && break
    end
end

function __firn_complete_directories
    set -l token (commandline -t)
    string match -- '*/' $token
    set -l subdirs $token*/
    printf %s\n $subdirs
end

function __firn_custom_completion
    set -x SAP_SHELL fish
    set -x SAP_SHELL_VERSION $FISH_VERSION
    set -l tokens (__firn_tokens -p)
    if test -z "$(__firn_tokens -t)"
        set -l index (count (__firn_tokens -pc))
        set tokens $tokens[..$index] \'\' $tokens[(math $index + 1)..]
    end
    command $tokens[1] $argv $tokens
end

complete -c 'firn' -f
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn" version' -l 'version' -d 'Show the version.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn" -eq 1' -fa 'check' -d 'Audit targets against a profile.'
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn" -eq 1' -fa 'gate' -d 'Decide whether a release may go out.'
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn" -eq 1' -fa 'report' -d 'Render saved reports in other formats, or as a bundle of all of them.'
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn" -eq 1' -fa 'drift' -d 'Compare what was declared, what was built and what runs, and name the layer that broke a rule.'
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn" -eq 1' -fa 'diff' -d 'Compare two saved reports: what got worse, what got better, and which options and facts changed.'
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn" -eq 1' -fa 'history' -d 'Keep how reports judged, and show the trend.'
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn" -eq 1' -fa 'fix' -d 'Write a NixOS module that repairs findings.'
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn" -eq 1' -fa 'waiver' -d 'Check and list waivers: who accepted which failure, why, and until when.'
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn" -eq 1' -fa 'sign' -d 'Sign a verdict, a report or a bundle.'
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn" -eq 1' -fa 'verify' -d 'Verify what was signed, offline.'
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn" -eq 1' -fa 'updates' -d 'Say whether a system\'s NixOS release gets updates and its revision is the newest of its channel.'
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn" -eq 1' -fa 'rules' -d 'List, show and search rules.'
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn" -eq 1' -fa 'profiles' -d 'List, show and compare profiles.'
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn" -eq 1' -fa 'explain' -d 'Explain a rule: what it wants, why, what it costs, and how to set it.'
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn" -eq 1' -fa 'doctor' -d 'Say what this machine lacks for which command.'
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn" -eq 1' -fa 'help' -d 'Show subcommand help information.'
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn check" -ge 1' -F
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn check" profile' -l 'profile' -d 'minimal, standard, strict, or a profile file.' -rfka ''
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn check"' -l 'rules' -d 'Add the rules of a directory (*.toml).' -rfa '(__firn_complete_directories)'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn check" profiles' -l 'profiles' -d 'Use this profiles directory instead of the built-in one.' -rfa '(__firn_complete_directories)'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn check" fail-on' -l 'fail-on' -d 'The lowest severity that makes the exit code 1.' -rfka 'info low medium high critical'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn check"' -l 'format' -d 'text, json, sarif, junit, html, markdown, csv, xccdf, cklb, oscal, openmetrics; with =PATH into a file. May be repeated.' -rfka ''
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn check" as' -l 'as' -d 'Take the targets for this kind.' -rfka 'option-json system'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn check" now' -l 'now' -d 'Judge ends of life and waivers at this time (2026-11-24 or 2026-11-24T12:00:00Z) instead of now.' -rfka ''
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn check" waivers' -l 'waivers' -d 'Accept failures by the waivers of a directory (*.toml) or a file; they stay failures and say so.' -rF
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn check" root' -l 'root' -d 'The root directory of the running machine, for the target live.' -rfa '(__firn_complete_directories)'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn check" color' -l 'color' -d 'Colour: auto, always or never.' -rfka 'auto always never'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn check" all-generations' -l 'all-generations' -d 'Audit every generation and boot entry of a root directory, not only the default.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn check" details' -l 'details' -d 'Show where and how to repair for every finding, not only for the worst.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn check" all' -l 'all' -d 'Show everything: --details, and passed and not applicable rules too.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn check" deep' -l 'deep' -d 'Search all text of a closure for secrets, not only what the configuration generated.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn check" version' -l 'version' -d 'Show the version.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn check" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn gate" -ge 1' -F
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn gate" policy' -l 'policy' -d 'build, release, or a policy file (default: build).' -rfka ''
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn gate" profile' -l 'profile' -d 'Judge by this profile, which must inherit from the policy\'s; an id or a file.' -rfka ''
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn gate"' -l 'rules' -d 'Add the rules of a directory (*.toml).' -rfa '(__firn_complete_directories)'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn gate" profiles' -l 'profiles' -d 'Use this profiles directory instead of the built-in one.' -rfa '(__firn_complete_directories)'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn gate" waivers' -l 'waivers' -d 'Accept failures by the waivers of a directory (*.toml) or a file.' -rF
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn gate" artifact' -l 'artifact' -d 'Bind the verdict to this image file, or build result of a machine.' -rF
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn gate" closure-info' -l 'closure-info' -d 'What nixpkgs\' closureInfo wrote about the build result, instead of measuring it.' -rfa '(__firn_complete_directories)'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn gate" baseline' -l 'baseline' -d 'Block by new failures only: those that are not in this earlier report.' -rF
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn gate" challenge' -l 'challenge' -d 'The nonce that live reports must answer.' -rfka ''
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn gate" now' -l 'now' -d 'Decide as of this time (2026-11-24 or 2026-11-24T12:00:00Z) instead of now.' -rfka ''
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn gate"' -l 'format' -d 'The reports as one, with the verdict, in a report format; with =PATH into a file. May be repeated.' -rfka ''
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn gate" verdict' -l 'verdict' -d 'Write the verdict alone, as JSON.' -rF
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn gate" check' -l 'check' -d 'Ask whether a verdict that was kept still holds.' -rF
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn gate" color' -l 'color' -d 'Colour: auto, always or never.' -rfka 'auto always never'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn gate" details' -l 'details' -d 'Show every reason, not only the first of each kind.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn gate" version' -l 'version' -d 'Show the version.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn gate" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn report" -ge 1' -F
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn report"' -l 'rules' -d 'Add the rules of a directory (*.toml).' -rfa '(__firn_complete_directories)'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn report" profiles' -l 'profiles' -d 'Use this profiles directory instead of the built-in one.' -rfa '(__firn_complete_directories)'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn report"' -l 'format' -d 'A report format, or cyclonedx with --closure; with =PATH into a file. May be repeated.' -rfka ''
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn report" bundle' -l 'bundle' -d 'Write every format, an index and checksums into this directory.' -rfa '(__firn_complete_directories)'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn report" force' -l 'force' -d 'Replace a bundle that is there. A directory with anything else is never touched.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn report" closure' -l 'closure' -d 'The system the bill of materials is of: a toplevel (./result) or a root directory.' -rfa '(__firn_complete_directories)'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn report" waivers' -l 'waivers' -d 'Accept failures by these waivers instead of the reports\' own.' -rfka ''
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn report" now' -l 'now' -d 'Judge waivers as of this time (2026-11-24 or 2026-11-24T12:00:00Z) instead of now.' -rfka ''
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn report" color' -l 'color' -d 'Colour: auto, always or never.' -rfka 'auto always never'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn report" details' -l 'details' -d 'Show where and how to repair for every finding, not only for the worst.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn report" all' -l 'all' -d 'Show everything: --details, and passed and not applicable rules too.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn report" version' -l 'version' -d 'Show the version.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn report" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn drift" -ge 1' -F
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn drift"' -l 'rules' -d 'Add the rules of a directory (*.toml).' -rfa '(__firn_complete_directories)'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn drift" profiles' -l 'profiles' -d 'Use this profiles directory instead of the built-in one.' -rfa '(__firn_complete_directories)'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn drift" profile' -l 'profile' -d 'The profile file the reports were made with, if it was one.' -rfka ''
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn drift" fail-on' -l 'fail-on' -d 'The lowest severity that makes the exit code 1.' -rfka 'info low medium high critical'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn drift"' -l 'format' -d 'text, json, html or markdown; with =PATH into a file. May be repeated.' -rfka ''
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn drift" color' -l 'color' -d 'Colour: auto, always or never.' -rfka 'auto always never'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn drift" all' -l 'all' -d 'Show the value of every layer whole, and every rule that could not be compared.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn drift" version' -l 'version' -d 'Show the version.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn drift" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn diff" -eq 1' -F
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn diff" -eq 2' -F
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn diff" format' -l 'format' -d 'text, json or markdown.' -rfka 'text json markdown'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn diff" color' -l 'color' -d 'Colour: auto, always or never.' -rfka 'auto always never'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn diff" all' -l 'all' -d 'Show every fact, option and result, not only the first of long lists.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn diff" version' -l 'version' -d 'Show the version.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn diff" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn history" version' -l 'version' -d 'Show the version.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn history" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn history" -eq 1' -fa 'add' -d 'Add saved reports; one that is there is not added again.'
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn history" -eq 1' -fa 'show' -d 'Show the trend of each host, per severity and per rule.'
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn history add" -ge 1' -F
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn history add" database' -l 'database' -d 'The SQLite file; made where it is not there.' -rF
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn history add" version' -l 'version' -d 'Show the version.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn history add" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn history show" database' -l 'database' -d 'The SQLite file.' -rF
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn history show" host' -l 'host' -d 'Only this host.' -rfka ''
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn history show" rule' -l 'rule' -d 'Only this rule.' -rfka '(__firn_custom_completion ---completion history show -- --rule (count (__firn_tokens -pc)) (__firn_tokens -tC))'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn history show" since' -l 'since' -d 'Only reports from this time on (2026-11-24 or 2026-11-24T12:00:00Z).' -rfka ''
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn history show" format' -l 'format' -d 'text, json or svg.' -rfka 'text json svg'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn history show" color' -l 'color' -d 'Colour: auto, always or never.' -rfka 'auto always never'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn history show" all' -l 'all' -d 'Show every rule that ever failed, not only the first.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn history show" version' -l 'version' -d 'Show the version.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn history show" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn fix" -ge 1' -F
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn fix" severity' -l 'severity' -d 'The lowest severity that is repaired.' -rfka 'info low medium high critical'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn fix" include-waived' -l 'include-waived' -d 'Repair accepted (waived) findings too.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn fix" host' -l 'host' -d 'The system, where the reports hold several.' -rfka ''
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn fix" o output' -l 'output' -s 'o' -d 'Write the module to a file; needed with --verify to keep it.' -rF
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn fix" verify' -l 'verify' -d 'Evaluate this configuration without and with the module.' -rF
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn fix" nixpkgs' -l 'nixpkgs' -d 'The nixpkgs to evaluate with, instead of $NIXPKGS or <nixpkgs> of NIX_PATH.' -rfa '(__firn_complete_directories)'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn fix" system' -l 'system' -d 'The platform to evaluate for.' -rfka ''
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn fix" timeout' -l 'timeout' -d 'Give up an evaluation after this many seconds.' -rfka ''
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn fix" profile' -l 'profile' -d 'The profile to verify with, instead of that of the reports.' -rfka ''
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn fix"' -l 'rules' -d 'Add the rules of a directory (*.toml).' -rfa '(__firn_complete_directories)'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn fix" profiles' -l 'profiles' -d 'Use this profiles directory instead of the built-in one.' -rfa '(__firn_complete_directories)'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn fix" version' -l 'version' -d 'Show the version.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn fix" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn waiver" version' -l 'version' -d 'Show the version.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn waiver" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn waiver" -eq 1' -fa 'lint' -d 'Find waivers that are wrong, about to expire, or no longer needed.'
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn waiver" -eq 1' -fa 'list' -d 'List waivers with their owners and the days they still hold, the nearest end first.'
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn waiver lint" -eq 1' -F
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn waiver lint" -ge 2' -F
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn waiver lint" now' -l 'now' -d 'Judge at this time (2026-11-24 or 2026-11-24T12:00:00Z) instead of now.' -rfka ''
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn waiver lint" within' -l 'within' -d 'Warn this many days before the last day.' -rfka ''
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn waiver lint" format' -l 'format' -d 'text or json.' -rfka 'text json'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn waiver lint" color' -l 'color' -d 'Colour: auto, always or never.' -rfka 'auto always never'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn waiver lint"' -l 'rules' -d 'Add the rules of a directory (*.toml).' -rfa '(__firn_complete_directories)'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn waiver lint" profiles' -l 'profiles' -d 'Use this profiles directory instead of the built-in one.' -rfa '(__firn_complete_directories)'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn waiver lint" version' -l 'version' -d 'Show the version.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn waiver lint" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn waiver list" -eq 1' -F
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn waiver list" now' -l 'now' -d 'Count from this time (2026-11-24 or 2026-11-24T12:00:00Z) instead of now.' -rfka ''
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn waiver list" format' -l 'format' -d 'text or json.' -rfka 'text json'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn waiver list" color' -l 'color' -d 'Colour: auto, always or never.' -rfka 'auto always never'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn waiver list" version' -l 'version' -d 'Show the version.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn waiver list" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn sign" -ge 1' -F
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn sign" key' -l 'key' -d 'The private key.' -rF
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn sign" closure' -l 'closure' -d 'Read every file of the closure (a toplevel, or a root directory) and bind its digest.' -rfa '(__firn_complete_directories)'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn sign" artifact' -l 'artifact' -d 'Hash this image and compare it with the verdict\'s.' -rF
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn sign" type' -l 'type' -d 'test-result, vsa or report.' -rfka 'test-result vsa report'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn sign" bundle' -l 'bundle' -d 'Sign the files of a bundle.' -rfa '(__firn_complete_directories)'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn sign" output' -l 'output' -d 'Write to a file instead of standard output.' -rF
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn sign" version' -l 'version' -d 'Show the version.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn sign" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn verify"' -l 'key' -d 'A public key whose signature is accepted. May be repeated.' -rF
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn verify" artifact' -l 'artifact' -d 'The image to compare.' -rF
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn verify" closure' -l 'closure' -d 'The closure to read and compare: a toplevel, or a root directory.' -rfa '(__firn_complete_directories)'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn verify"' -l 'report' -d 'A report the verdict must rest on. May be repeated.' -rF
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn verify" waivers' -l 'waivers' -d 'The waivers the verdict must rest on: a directory or file.' -rF
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn verify" policy' -l 'policy' -d 'The policy it must be judged by: id or digest.' -rfka ''
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn verify" profile' -l 'profile' -d 'The profile it must be judged by: id or digest.' -rfka ''
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn verify" challenge' -l 'challenge' -d 'The nonce a report must answer.' -rfka ''
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn verify" now' -l 'now' -d 'Verify as of this time (2026-11-24 or 2026-11-24T12:00:00Z) instead of now.' -rfka ''
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn verify" signature-only' -l 'signature-only' -d 'Compare nothing the statement is about.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn verify" version' -l 'version' -d 'Show the version.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn verify" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn updates" -eq 1' -F
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn updates" offline' -l 'offline' -d 'Ask nothing of the network: judge by the table and the version alone.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn updates" channel-url' -l 'channel-url' -d 'Compare with the channel at this https address alone (https://channels.nixos.org/nixos-unstable).' -rfka ''
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn updates"' -l 'format' -d 'text, json or openmetrics; to a file with =PATH. May be given more than once.' -rfka ''
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn updates" journal' -l 'journal' -d 'Give the journal of this machine an entry with the answer in fields of its own.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn updates" now' -l 'now' -d 'Judge ends of life and ages at this time (2026-11-24 or 2026-11-24T12:00:00Z) instead of now.' -rfka ''
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn updates" color' -l 'color' -d 'Colour: auto, always or never.' -rfka 'auto always never'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn updates" profiles' -l 'profiles' -d 'Use this profiles directory instead of the built-in one.' -rfa '(__firn_complete_directories)'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn updates" version' -l 'version' -d 'Show the version.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn updates" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn rules" version' -l 'version' -d 'Show the version.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn rules" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn rules" -eq 1' -fa 'list' -d 'List all rules, or those of one family.'
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn rules" -eq 1' -fa 'show' -d 'Show one rule; the same as firn explain.'
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn rules" -eq 1' -fa 'search' -d 'List the rules whose id, title or rationale has every word.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn rules list" family' -l 'family' -d 'Only this family.' -rfka '(__firn_custom_completion ---completion rules list -- --family (count (__firn_tokens -pc)) (__firn_tokens -tC))'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn rules list" format' -l 'format' -d 'text or json.' -rfka 'text json'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn rules list"' -l 'rules' -d 'Add the rules of a directory (*.toml).' -rfa '(__firn_complete_directories)'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn rules list" profiles' -l 'profiles' -d 'Use this profiles directory instead of the built-in one.' -rfa '(__firn_complete_directories)'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn rules list" version' -l 'version' -d 'Show the version.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn rules list" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn rules show" -eq 1' -fka '(__firn_custom_completion ---completion rules show -- positional@0 (count (__firn_tokens -pc)) (__firn_tokens -tC))'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn rules show"' -l 'rules' -d 'Add the rules of a directory (*.toml).' -rfa '(__firn_complete_directories)'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn rules show" profiles' -l 'profiles' -d 'Use this profiles directory instead of the built-in one.' -rfa '(__firn_complete_directories)'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn rules show" version' -l 'version' -d 'Show the version.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn rules show" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn rules search" format' -l 'format' -d 'text or json.' -rfka 'text json'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn rules search"' -l 'rules' -d 'Add the rules of a directory (*.toml).' -rfa '(__firn_complete_directories)'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn rules search" profiles' -l 'profiles' -d 'Use this profiles directory instead of the built-in one.' -rfa '(__firn_complete_directories)'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn rules search" version' -l 'version' -d 'Show the version.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn rules search" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn profiles" version' -l 'version' -d 'Show the version.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn profiles" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn profiles" -eq 1' -fa 'list' -d 'List the profiles.'
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn profiles" -eq 1' -fa 'show' -d 'Show what a profile demands.'
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn profiles" -eq 1' -fa 'diff' -d 'Show what the second profile demands more, less or otherwise than the first.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn profiles list"' -l 'rules' -d 'Add the rules of a directory (*.toml).' -rfa '(__firn_complete_directories)'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn profiles list" profiles' -l 'profiles' -d 'Use this profiles directory instead of the built-in one.' -rfa '(__firn_complete_directories)'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn profiles list" version' -l 'version' -d 'Show the version.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn profiles list" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn profiles show"' -l 'rules' -d 'Add the rules of a directory (*.toml).' -rfa '(__firn_complete_directories)'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn profiles show" profiles' -l 'profiles' -d 'Use this profiles directory instead of the built-in one.' -rfa '(__firn_complete_directories)'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn profiles show" version' -l 'version' -d 'Show the version.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn profiles show" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn profiles diff"' -l 'rules' -d 'Add the rules of a directory (*.toml).' -rfa '(__firn_complete_directories)'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn profiles diff" profiles' -l 'profiles' -d 'Use this profiles directory instead of the built-in one.' -rfa '(__firn_complete_directories)'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn profiles diff" version' -l 'version' -d 'Show the version.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn profiles diff" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn explain" -eq 1' -fka '(__firn_custom_completion ---completion explain -- positional@0 (count (__firn_tokens -pc)) (__firn_tokens -tC))'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn explain"' -l 'rules' -d 'Add the rules of a directory (*.toml).' -rfa '(__firn_complete_directories)'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn explain" profiles' -l 'profiles' -d 'Use this profiles directory instead of the built-in one.' -rfa '(__firn_complete_directories)'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn explain" version' -l 'version' -d 'Show the version.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn explain" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn doctor" format' -l 'format' -d 'text or json.' -rfka 'text json'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn doctor" version' -l 'version' -d 'Show the version.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn doctor" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn help" version' -l 'version' -d 'Show the version.'
