# fish completion for corsproxy; corsproxy completion fish | source loads it, too.

function __corsproxy_complete
    set -l line (commandline --current-process --cut-at-cursor)
    set -l program (string split --max 1 ' ' -- (string trim --left -- $line))[1]
    for answer in (env COMP_LINE="$line" _CORSPROXY_COMPLETE=fish_complete (eval echo $program) 2>/dev/null)
        set -l parts (string split \t -- $answer)
        if test "$parts[1]" = file
            set -l token (commandline --current-token --cut-at-cursor)
            set -l lead (string match --regex -- '^--[a-z-]+=' $token; or echo '')
            set -l path (string replace --regex -- '^--[a-z-]+=' '' $token)
            for file in (__fish_complete_path $path)
                echo $lead$file
            end
        else if test "$parts[1]" = plain
            printf '%s\t%s\n' $parts[2] $parts[3]
        end
    end
end

complete --command corsproxy --no-files --arguments '(__corsproxy_complete)'
