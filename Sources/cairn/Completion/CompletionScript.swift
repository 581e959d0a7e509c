// What makes a shell ask `cairn` at every Tab. All three get the same answer: a line that says
// what is wanted (words, files, directories or the completion of another command) and what the
// word has before it, then a line for each word, with a tab before what it is.

enum CompletionScript {
  static let bash = #"""
    _cairn_complete() {
        local kind prefix word rest
        COMPREPLY=()
        {
            IFS=$'\t' read -r kind prefix
            while IFS=$'\t' read -r word rest; do COMPREPLY+=("$word"); done
        } < <("${1/#\~/$HOME}" completions bash -- \
            "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null)
        local -a paths
        local typed=$2
        if [[ -n $prefix && $typed == "$prefix"* ]]; then typed=${typed#"$prefix"}; else prefix=; fi
        case $kind in
        words)
            if [[ ${#COMPREPLY[@]} -gt 0 && $COMPREPLY == *[=:,] ]]; then compopt -o nospace; fi
            return
            ;;
        directories) mapfile -t paths < <(compgen -d -- "$typed") ;;
        files) mapfile -t paths < <(compgen -f -- "$typed") ;;
        command)
            local -i first
            for ((first = 1; first < COMP_CWORD; first++)); do
                if [[ ${COMP_WORDS[first]} == -- ]]; then break; fi
            done
            if declare -F _command_offset >/dev/null; then
                _command_offset $((first + 1))
                return
            fi
            if ((first + 1 == COMP_CWORD)); then
                mapfile -t paths < <(compgen -c -- "$typed"; compgen -d -- "$typed")
            else
                mapfile -t paths < <(compgen -f -- "$typed")
            fi
            ;;
        esac
        COMPREPLY=("${paths[@]/#/$prefix}")
        compopt -o filenames
    }
    complete -F _cairn_complete cairn
    """#

  static let zsh = #"""
    #compdef cairn
    _cairn_complete() {
        local answer kind prefix line word
        local -a lines open closed
        answer=$(${~words[1]} completions zsh -- \
            "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)
        lines=("${(@f)answer}")
        kind=${lines[1]%%$'\t'*}
        prefix=${lines[1]#*$'\t'}
        case $kind in
        words)
            for line in "${(@)lines[2,-1]}"; do
                word=${${line%%$'\t'*}//:/\\:}
                if [[ $line == *$'\t'?* ]]; then word+=":${line#*$'\t'}"; fi
                if [[ ${line%%$'\t'*} == *[=:,] ]]; then open+=("$word"); else closed+=("$word"); fi
            done
            (( $#closed )) && _describe -V -t values value closed
            (( $#open )) && _describe -V -t values value open -S ''
            ;;
        directories) compset -P "${(b)prefix}"; _files -/ ;;
        files) compset -P "${(b)prefix}"; _files ;;
        command)
            while [[ $words[1] != -- ]] { shift words; (( CURRENT-- )) }
            shift words; (( CURRENT-- ))
            _normal
            ;;
        esac
    }
    if [[ $funcstack[1] == _cairn ]]; then
        _cairn_complete "$@"
    else
        compdef _cairn_complete cairn
    fi
    """#

  static let fish = #"""
    function __cairn_complete
        set -l words (commandline -opc)
        set -l typed (commandline -ct)
        set -l current "$typed"
        # Without quotes and escapes; a quote that is open still is closed for that.
        for quote in '' '"' "'"
            set -l plain (string unescape -- "$typed$quote")
            if set -q plain[1]
                set current "$plain"
                break
            end
        end
        set -l program $words[1]
        set -e words[1]
        set -l lines ($program completions fish -- $words "$current" 2>/dev/null)
        set -l head (string split \t -- $lines[1])
        set -e lines[1]
        set -l path (string replace -- "$head[2]" '' "$current")
        switch "$head[1]"
            case words
                # fish would put a backslash into a placeholder that is in no quotes.
                if string match -qr '^["\']' -- "$typed"
                    printf '%s\n' $lines
                else
                    string match -v -- '*{*}' $lines
                end
            case directories
                string replace -r -- '^' "$head[2]" (__fish_complete_directories "$path" '')
            case files
                string replace -r -- '^' "$head[2]" (__fish_complete_path "$path")
            case command
                set -l rest $words[(math (contains -i -- -- $words) + 1)..-1]
                if test (count $words) -eq (contains -i -- -- $words)
                    set rest
                end
                complete -C (string join ' ' -- (string escape -- $rest) "$current")
        end
    end
    complete -c cairn -f -k -a '(__cairn_complete)'
    """#
}
