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
            __firn_parse_subcommand -r 1 'profile=' 'rules=+' 'profiles=' 'fail-on=' 'format=+' 'as=' 'now=' 'color=' 'all-generations' 'details' 'all' 'deep' 'version' 'h/help'
        case 'fix'
            __firn_parse_subcommand -r 1 'severity=' 'include-waived' 'host=' 'o/output=' 'verify=' 'nixpkgs=' 'system=' 'timeout=' 'profile=' 'rules=+' 'profiles=' 'version' 'h/help'
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
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn" -eq 1' -fa 'fix' -d 'Write a NixOS module that repairs findings.'
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
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn check"' -l 'format' -d 'text, json, sarif or junit; with =PATH into a file. May be repeated.' -rfka ''
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn check" as' -l 'as' -d 'Take the targets for this kind.' -rfka 'option-json system'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn check" now' -l 'now' -d 'Judge ends of life at this time (2026-11-24 or 2026-11-24T12:00:00Z) instead of now.' -rfka ''
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn check" color' -l 'color' -d 'Colour: auto, always or never.' -rfka 'auto always never'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn check" all-generations' -l 'all-generations' -d 'Audit every generation and boot entry of a root directory, not only the default.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn check" details' -l 'details' -d 'Show where and how to repair for every finding, not only for the worst.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn check" all' -l 'all' -d 'Show everything: --details, and passed and not applicable rules too.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn check" deep' -l 'deep' -d 'Search all text of a closure for secrets, not only what the configuration generated.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn check" version' -l 'version' -d 'Show the version.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn check" h help' -s 'h' -l 'help' -d 'Show help information.'
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
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn rules" version' -l 'version' -d 'Show the version.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn rules" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn rules" -eq 1' -fa 'list' -d 'List all rules, or those of one family.'
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn rules" -eq 1' -fa 'show' -d 'Show one rule; the same as firn explain.'
complete -c 'firn' -n '__firn_should_offer_completions_for_positional "firn rules" -eq 1' -fa 'search' -d 'List the rules whose id, title or rationale has every word.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn rules list" family' -l 'family' -d 'Only this family.' -rfka ''
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn rules list" format' -l 'format' -d 'text or json.' -rfka 'text json'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn rules list"' -l 'rules' -d 'Add the rules of a directory (*.toml).' -rfa '(__firn_complete_directories)'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn rules list" profiles' -l 'profiles' -d 'Use this profiles directory instead of the built-in one.' -rfa '(__firn_complete_directories)'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn rules list" version' -l 'version' -d 'Show the version.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn rules list" h help' -s 'h' -l 'help' -d 'Show help information.'
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
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn explain"' -l 'rules' -d 'Add the rules of a directory (*.toml).' -rfa '(__firn_complete_directories)'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn explain" profiles' -l 'profiles' -d 'Use this profiles directory instead of the built-in one.' -rfa '(__firn_complete_directories)'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn explain" version' -l 'version' -d 'Show the version.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn explain" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn doctor" format' -l 'format' -d 'text or json.' -rfka 'text json'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn doctor" version' -l 'version' -d 'Show the version.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn doctor" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'firn' -n '__firn_should_offer_completions_for_flags_or_options "firn help" version' -l 'version' -d 'Show the version.'
