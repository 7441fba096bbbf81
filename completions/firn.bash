#!/bin/bash

__firn_cursor_index_in_current_word() {
    local remaining="${COMP_LINE}"

    local word
    for word in "${COMP_WORDS[@]::COMP_CWORD}"; do
        remaining="${remaining##*([[:space:]])"${word}"*([[:space:]])}"
    done

    local -ir index="$((COMP_POINT - ${#COMP_LINE} + ${#remaining}))"
    if [[ "${index}" -le 0 ]]; then
        printf 0
    else
        printf %s "${index}"
    fi
}

# positional arguments:
#
# - 1: the current (sub)command's count of positional arguments
#
# required variables:
#
# - repeating_flags: the repeating flags that the current (sub)command can accept
# - non_repeating_flags: the non-repeating flags that the current (sub)command can accept
# - repeating_options: the repeating options that the current (sub)command can accept
# - non_repeating_options: the non-repeating options that the current (sub)command can accept
# - positional_number: value ignored
# - unparsed_words: unparsed words from the current command line
#
# modified variables:
#
# - non_repeating_flags: remove flags for this (sub)command that are already on the command line
# - non_repeating_options: remove options for this (sub)command that are already on the command line
# - positional_number: set to the current positional number
# - unparsed_words: remove all flags, options, and option values for this (sub)command
__firn_offer_flags_options() {
    local -ir positional_count="${1}"
    positional_number=0

    local was_flag_option_terminator_seen=false
    local is_parsing_option_value=false

    local -ar unparsed_word_indices=("${!unparsed_words[@]}")
    local -i word_index
    for word_index in "${unparsed_word_indices[@]}"; do
        if "${is_parsing_option_value}"; then
            # This word is an option value:
            # Reset marker for next word iff not currently the last word
            [[ "${word_index}" -ne "${unparsed_word_indices[${#unparsed_word_indices[@]} - 1]}" ]] && is_parsing_option_value=false
            unset "unparsed_words[${word_index}]"
            # Do not process this word as a flag or an option
            continue
        fi

        local word="${unparsed_words["${word_index}"]}"
        if ! "${was_flag_option_terminator_seen}"; then
            case "${word}" in
            --)
                unset "unparsed_words[${word_index}]"
                # by itself -- is a flag/option terminator, but if it is the last word, it is the start of a completion
                if [[ "${word_index}" -ne "${unparsed_word_indices[${#unparsed_word_indices[@]} - 1]}" ]]; then
                    was_flag_option_terminator_seen=true
                fi
                continue
                ;;
            -*)
                # ${word} is a flag or an option
                # If ${word} is an option, mark that the next word to be parsed is an option value
                local option
                for option in "${repeating_options[@]}" "${non_repeating_options[@]}"; do
                    [[ "${word}" = "${option}" ]] && is_parsing_option_value=true && break
                done

                # Remove ${word} from ${non_repeating_flags} or ${non_repeating_options} so it isn't offered again
                local not_found=true
                local -i index
                for index in "${!non_repeating_flags[@]}"; do
                    if [[ "${non_repeating_flags[${index}]}" = "${word}" ]]; then
                        unset "non_repeating_flags[${index}]"
                        non_repeating_flags=("${non_repeating_flags[@]}")
                        not_found=false
                        break
                    fi
                done
                if "${not_found}"; then
                    for index in "${!non_repeating_flags[@]}"; do
                        if [[ "${non_repeating_flags[${index}]}" = "${word}" ]]; then
                            unset "non_repeating_flags[${index}]"
                            non_repeating_flags=("${non_repeating_flags[@]}")
                            break
                        fi
                    done
                fi
                unset "unparsed_words[${word_index}]"
                continue
                ;;
            esac
        fi

        # ${word} is neither a flag, nor an option, nor an option value
        if [[ "${positional_number}" -lt "${positional_count}" || "${positional_count}" -lt 0 ]]; then
            # ${word} is a positional
            ((positional_number++))
            unset "unparsed_words[${word_index}]"
        else
            if [[ -z "${word}" ]]; then
                # Could be completing a flag, option, or subcommand
                positional_number=-1
            else
                # ${word} is a subcommand or invalid, so stop processing this (sub)command
                positional_number=-2
            fi
            break
        fi
    done

    unparsed_words=("${unparsed_words[@]}")

    if\
        ! "${was_flag_option_terminator_seen}"\
        && ! "${is_parsing_option_value}"\
        && [[ ("${cur}" = -* && "${positional_number}" -ge 0) || "${positional_number}" -eq -1 ]]
    then
        COMPREPLY+=($(compgen -W "${repeating_flags[*]} ${non_repeating_flags[*]} ${repeating_options[*]} ${non_repeating_options[*]}" -- "${cur}"))
    fi
}

__firn_add_completions() {
    local completion
    while IFS='' read -r completion; do
        COMPREPLY+=("${completion}")
    done < <(IFS=$'\n' compgen "${@}" -- "${cur}")
}

__firn_custom_complete() {
    if [[ -n "${cur}" || -z ${COMP_WORDS[${COMP_CWORD}]} || "${COMP_LINE:${COMP_POINT}:1}" != ' ' ]]; then
        local -ar words=("${COMP_WORDS[@]}")
    else
        local -ar words=("${COMP_WORDS[@]::${COMP_CWORD}}" '' "${COMP_WORDS[@]:${COMP_CWORD}}")
    fi

    "${COMP_WORDS[0]}" "${@}" "${words[@]}"
}

_firn() {
    local state
    state="$(shopt -p;shopt -po)"
    trap "${state//$'\n'/;}" RETURN
    shopt -s extglob
    set +o history +o posix

    local -xr SAP_SHELL=bash
    local -x SAP_SHELL_VERSION
    SAP_SHELL_VERSION="$(IFS='.';printf %s "${BASH_VERSINFO[*]}")"
    local -r SAP_SHELL_VERSION

    local -r cur="${2}"
    local -r prev="${3}"

    local -i positional_number
    local -a unparsed_words=("${COMP_WORDS[@]:1:${COMP_CWORD}}")

    local -a repeating_flags=()
    local -a non_repeating_flags=(--version -h --help)
    local -a repeating_options=()
    local -a non_repeating_options=()
    __firn_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    check|gate|report|drift|diff|history|fix|waiver|sign|verify|updates|rules|profiles|explain|doctor|help)
        # Offer subcommand argument completions
        "_firn_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'check gate report drift diff history fix waiver sign verify updates rules profiles explain doctor help' -- "${cur}"))
        ;;
    esac
}

_firn_check() {
    repeating_flags=()
    non_repeating_flags=(--all-generations --details --all --deep --version -h --help)
    repeating_options=(--rules --format)
    non_repeating_options=(--profile --profiles --fail-on --as --now --waivers --root --color)
    __firn_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--profile')
        return
        ;;
    '--rules')
        __firn_add_completions -d
        return
        ;;
    '--profiles')
        __firn_add_completions -d
        return
        ;;
    '--fail-on')
        __firn_add_completions -W 'info'$'\n''low'$'\n''medium'$'\n''high'$'\n''critical'
        return
        ;;
    '--format')
        return
        ;;
    '--as')
        __firn_add_completions -W 'option-json'$'\n''system'
        return
        ;;
    '--now')
        return
        ;;
    '--waivers')
        __firn_add_completions -f
        return
        ;;
    '--root')
        __firn_add_completions -d
        return
        ;;
    '--color')
        __firn_add_completions -W 'auto'$'\n''always'$'\n''never'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __firn_add_completions -f
        return
        ;;
    esac
}

_firn_gate() {
    repeating_flags=()
    non_repeating_flags=(--details --version -h --help)
    repeating_options=(--rules --format)
    non_repeating_options=(--policy --profile --profiles --waivers --artifact --closure-info --baseline --challenge --now --verdict --check --color)
    __firn_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--policy')
        return
        ;;
    '--profile')
        return
        ;;
    '--rules')
        __firn_add_completions -d
        return
        ;;
    '--profiles')
        __firn_add_completions -d
        return
        ;;
    '--waivers')
        __firn_add_completions -f
        return
        ;;
    '--artifact')
        __firn_add_completions -f
        return
        ;;
    '--closure-info')
        __firn_add_completions -d
        return
        ;;
    '--baseline')
        __firn_add_completions -f
        return
        ;;
    '--challenge')
        return
        ;;
    '--now')
        return
        ;;
    '--format')
        return
        ;;
    '--verdict')
        __firn_add_completions -f
        return
        ;;
    '--check')
        __firn_add_completions -f
        return
        ;;
    '--color')
        __firn_add_completions -W 'auto'$'\n''always'$'\n''never'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __firn_add_completions -f
        return
        ;;
    esac
}

_firn_report() {
    repeating_flags=()
    non_repeating_flags=(--force --details --all --version -h --help)
    repeating_options=(--rules --format)
    non_repeating_options=(--profiles --bundle --closure --waivers --now --color)
    __firn_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--rules')
        __firn_add_completions -d
        return
        ;;
    '--profiles')
        __firn_add_completions -d
        return
        ;;
    '--format')
        return
        ;;
    '--bundle')
        __firn_add_completions -d
        return
        ;;
    '--closure')
        __firn_add_completions -d
        return
        ;;
    '--waivers')
        return
        ;;
    '--now')
        return
        ;;
    '--color')
        __firn_add_completions -W 'auto'$'\n''always'$'\n''never'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __firn_add_completions -f
        return
        ;;
    esac
}

_firn_drift() {
    repeating_flags=()
    non_repeating_flags=(--all --version -h --help)
    repeating_options=(--rules --format)
    non_repeating_options=(--profiles --profile --fail-on --color)
    __firn_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--rules')
        __firn_add_completions -d
        return
        ;;
    '--profiles')
        __firn_add_completions -d
        return
        ;;
    '--profile')
        return
        ;;
    '--fail-on')
        __firn_add_completions -W 'info'$'\n''low'$'\n''medium'$'\n''high'$'\n''critical'
        return
        ;;
    '--format')
        return
        ;;
    '--color')
        __firn_add_completions -W 'auto'$'\n''always'$'\n''never'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __firn_add_completions -f
        return
        ;;
    esac
}

_firn_diff() {
    repeating_flags=()
    non_repeating_flags=(--all --version -h --help)
    repeating_options=()
    non_repeating_options=(--format --color)
    __firn_offer_flags_options 2

    # Offer option value completions
    case "${prev}" in
    '--format')
        __firn_add_completions -W 'text'$'\n''json'$'\n''markdown'
        return
        ;;
    '--color')
        __firn_add_completions -W 'auto'$'\n''always'$'\n''never'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __firn_add_completions -f
        return
        ;;
    2)
        __firn_add_completions -f
        return
        ;;
    esac
}

_firn_history() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __firn_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    add|show)
        # Offer subcommand argument completions
        "_firn_history_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'add show' -- "${cur}"))
        ;;
    esac
}

_firn_history_add() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--database)
    __firn_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--database')
        __firn_add_completions -f
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __firn_add_completions -f
        return
        ;;
    esac
}

_firn_history_show() {
    repeating_flags=()
    non_repeating_flags=(--all --version -h --help)
    repeating_options=()
    non_repeating_options=(--database --host --rule --since --format --color)
    __firn_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--database')
        __firn_add_completions -f
        return
        ;;
    '--host')
        return
        ;;
    '--rule')
        __firn_add_completions -W "$(__firn_custom_complete ---completion history show -- --rule "${COMP_CWORD}" "$(__firn_cursor_index_in_current_word)")"
        return
        ;;
    '--since')
        return
        ;;
    '--format')
        __firn_add_completions -W 'text'$'\n''json'$'\n''svg'
        return
        ;;
    '--color')
        __firn_add_completions -W 'auto'$'\n''always'$'\n''never'
        return
        ;;
    esac
}

_firn_fix() {
    repeating_flags=()
    non_repeating_flags=(--include-waived --version -h --help)
    repeating_options=(--rules)
    non_repeating_options=(--severity --host --output -o --verify --nixpkgs --system --timeout --profile --profiles)
    __firn_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--severity')
        __firn_add_completions -W 'info'$'\n''low'$'\n''medium'$'\n''high'$'\n''critical'
        return
        ;;
    '--host')
        return
        ;;
    '--output'|'-o')
        __firn_add_completions -f
        return
        ;;
    '--verify')
        __firn_add_completions -f
        return
        ;;
    '--nixpkgs')
        __firn_add_completions -d
        return
        ;;
    '--system')
        return
        ;;
    '--timeout')
        return
        ;;
    '--profile')
        return
        ;;
    '--rules')
        __firn_add_completions -d
        return
        ;;
    '--profiles')
        __firn_add_completions -d
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __firn_add_completions -f
        return
        ;;
    esac
}

_firn_waiver() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __firn_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    lint|list)
        # Offer subcommand argument completions
        "_firn_waiver_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'lint list' -- "${cur}"))
        ;;
    esac
}

_firn_waiver_lint() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=(--rules)
    non_repeating_options=(--now --within --format --color --profiles)
    __firn_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--now')
        return
        ;;
    '--within')
        return
        ;;
    '--format')
        __firn_add_completions -W 'text'$'\n''json'
        return
        ;;
    '--color')
        __firn_add_completions -W 'auto'$'\n''always'$'\n''never'
        return
        ;;
    '--rules')
        __firn_add_completions -d
        return
        ;;
    '--profiles')
        __firn_add_completions -d
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __firn_add_completions -f
        return
        ;;
    *)
        __firn_add_completions -f
        return
        ;;
    esac
}

_firn_waiver_list() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--now --format --color)
    __firn_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--now')
        return
        ;;
    '--format')
        __firn_add_completions -W 'text'$'\n''json'
        return
        ;;
    '--color')
        __firn_add_completions -W 'auto'$'\n''always'$'\n''never'
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __firn_add_completions -f
        return
        ;;
    esac
}

_firn_sign() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--key --closure --artifact --type --bundle --output)
    __firn_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--key')
        __firn_add_completions -f
        return
        ;;
    '--closure')
        __firn_add_completions -d
        return
        ;;
    '--artifact')
        __firn_add_completions -f
        return
        ;;
    '--type')
        __firn_add_completions -W 'test-result'$'\n''vsa'$'\n''report'
        return
        ;;
    '--bundle')
        __firn_add_completions -d
        return
        ;;
    '--output')
        __firn_add_completions -f
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __firn_add_completions -f
        return
        ;;
    esac
}

_firn_verify() {
    repeating_flags=()
    non_repeating_flags=(--signature-only --version -h --help)
    repeating_options=(--key --report)
    non_repeating_options=(--artifact --closure --waivers --policy --profile --challenge --now)
    __firn_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--key')
        __firn_add_completions -f
        return
        ;;
    '--artifact')
        __firn_add_completions -f
        return
        ;;
    '--closure')
        __firn_add_completions -d
        return
        ;;
    '--report')
        __firn_add_completions -f
        return
        ;;
    '--waivers')
        __firn_add_completions -f
        return
        ;;
    '--policy')
        return
        ;;
    '--profile')
        return
        ;;
    '--challenge')
        return
        ;;
    '--now')
        return
        ;;
    esac
}

_firn_updates() {
    repeating_flags=()
    non_repeating_flags=(--offline --journal --version -h --help)
    repeating_options=(--format)
    non_repeating_options=(--channel-url --now --color --profiles)
    __firn_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--channel-url')
        return
        ;;
    '--format')
        return
        ;;
    '--now')
        return
        ;;
    '--color')
        __firn_add_completions -W 'auto'$'\n''always'$'\n''never'
        return
        ;;
    '--profiles')
        __firn_add_completions -d
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __firn_add_completions -f
        return
        ;;
    esac
}

_firn_rules() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __firn_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    list|show|search)
        # Offer subcommand argument completions
        "_firn_rules_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'list show search' -- "${cur}"))
        ;;
    esac
}

_firn_rules_list() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=(--rules)
    non_repeating_options=(--family --format --profiles)
    __firn_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--family')
        __firn_add_completions -W "$(__firn_custom_complete ---completion rules list -- --family "${COMP_CWORD}" "$(__firn_cursor_index_in_current_word)")"
        return
        ;;
    '--format')
        __firn_add_completions -W 'text'$'\n''json'
        return
        ;;
    '--rules')
        __firn_add_completions -d
        return
        ;;
    '--profiles')
        __firn_add_completions -d
        return
        ;;
    esac
}

_firn_rules_show() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=(--rules)
    non_repeating_options=(--profiles)
    __firn_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--rules')
        __firn_add_completions -d
        return
        ;;
    '--profiles')
        __firn_add_completions -d
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __firn_add_completions -W "$(__firn_custom_complete ---completion rules show -- positional@0 "${COMP_CWORD}" "$(__firn_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_firn_rules_search() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=(--rules)
    non_repeating_options=(--format --profiles)
    __firn_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--format')
        __firn_add_completions -W 'text'$'\n''json'
        return
        ;;
    '--rules')
        __firn_add_completions -d
        return
        ;;
    '--profiles')
        __firn_add_completions -d
        return
        ;;
    esac
}

_firn_profiles() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __firn_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    list|show|diff)
        # Offer subcommand argument completions
        "_firn_profiles_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'list show diff' -- "${cur}"))
        ;;
    esac
}

_firn_profiles_list() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=(--rules)
    non_repeating_options=(--profiles)
    __firn_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--rules')
        __firn_add_completions -d
        return
        ;;
    '--profiles')
        __firn_add_completions -d
        return
        ;;
    esac
}

_firn_profiles_show() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=(--rules)
    non_repeating_options=(--profiles)
    __firn_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--rules')
        __firn_add_completions -d
        return
        ;;
    '--profiles')
        __firn_add_completions -d
        return
        ;;
    esac
}

_firn_profiles_diff() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=(--rules)
    non_repeating_options=(--profiles)
    __firn_offer_flags_options 2

    # Offer option value completions
    case "${prev}" in
    '--rules')
        __firn_add_completions -d
        return
        ;;
    '--profiles')
        __firn_add_completions -d
        return
        ;;
    esac
}

_firn_explain() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=(--rules)
    non_repeating_options=(--profiles)
    __firn_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--rules')
        __firn_add_completions -d
        return
        ;;
    '--profiles')
        __firn_add_completions -d
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __firn_add_completions -W "$(__firn_custom_complete ---completion explain -- positional@0 "${COMP_CWORD}" "$(__firn_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_firn_doctor() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--format)
    __firn_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--format')
        __firn_add_completions -W 'text'$'\n''json'
        return
        ;;
    esac
}

_firn_help() {
    repeating_flags=()
    non_repeating_flags=(--version)
    repeating_options=()
    non_repeating_options=()
    __firn_offer_flags_options -1
}

complete -o filenames -F _firn firn
