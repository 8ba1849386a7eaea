# bash completion for corsproxy; eval "$(corsproxy completion bash)" loads it, too.

_corsproxy() {
    local kind word meaning
    COMPREPLY=()
    while IFS=$'\t' read -r kind word meaning; do
        if [[ $kind == file ]]; then
            compopt -o default 2>/dev/null # readline's own list of files
        elif [[ $kind == plain ]]; then
            COMPREPLY+=("$word")
        fi
    done < <(COMP_LINE="${COMP_LINE:0:COMP_POINT}" COMP_WORDBREAKS="$COMP_WORDBREAKS" \
        _CORSPROXY_COMPLETE=bash_complete "${1/#\~/$HOME}" 2>/dev/null)
}

# Before bash 4.4 there is no nosort, and before 4 no compopt: files are listed where no word fits.
complete -o nosort -F _corsproxy corsproxy 2>/dev/null ||
    complete -o default -F _corsproxy corsproxy
