import type { Shell } from '../flags.ts';

// Each script asks `treadle __complete -- WORDS…`, whose last word is the one to complete (perhaps empty), and which
// answers with lines of `value`, TAB, `description`. No answer means: complete file names.

const bash = `# treadle completion for bash
_treadle() {
  local cur=\${COMP_WORDS[COMP_CWORD]} line answer IFS=$'\\n'
  # bash splits words at "=" and ":"; take the line apart at blanks instead, as the program will.
  local -a words
  IFS=' ' read -r -a words <<< "\${COMP_LINE:0:COMP_POINT}"
  [[ \${COMP_LINE:0:COMP_POINT} == *' ' ]] && words+=('')
  cur=\${words[\${#words[@]}-1]}
  COMPREPLY=()
  while IFS= read -r line; do
    answer=\${line%%$'\\t'*}
    # Readline replaces only what follows the last "=" or ":".
    [[ $cur == *[=:]* ]] && answer=\${answer#"\${cur%"\${cur##*[=:]}"}"}
    COMPREPLY+=("$answer")
  done < <("\${words[0]}" __complete -- "\${words[@]:1}" 2>/dev/null)
  [[ \${#COMPREPLY[@]} -eq 0 ]] && compopt -o default 2>/dev/null
  return 0
}
complete -F _treadle treadle
`;

const zsh = `#compdef treadle
# treadle completion for zsh
_treadle() {
  local -a answers
  local line value
  for line in "\${(@f)$("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -z $line ]] && continue
    value=\${line%%$'\\t'*}
    answers+=("\${value//:/\\\\:}:\${line#*$'\\t'}")
  done
  if (( \${#answers} )); then
    _describe -t values treadle answers
  else
    _files
  fi
}
if [[ $funcstack[1] == _treadle ]]; then
  _treadle "$@"
else
  compdef _treadle treadle
fi
`;

const fish = `# treadle completion for fish
function __treadle_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l answers ($words[1] __complete -- $words[2..-1] 2>/dev/null)
  if test (count $answers) -gt 0
    printf '%s\\n' $answers
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c treadle -f -a '(__treadle_complete)'
`;

const scripts: Readonly<Record<Shell, string>> = { bash, zsh, fish };

/** The script that makes a shell complete treadle's command lines. */
export function completionScript(shell: Shell): string {
  return scripts[shell];
}
