# What the scripts of this folder have in common; they `source` it, with the command's path in $1.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
command=$(realpath "$1")
page="$here/../../../docs/cluster.md"
work=$(mktemp -d)
cd "$work"
mkdir bin
ln -s "$command" bin/wgpu-init
export PATH="$work/bin:$PATH"
# As root, and with more ranks than cores.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1

say() { printf '\n-- %s (after %d s)\n' "$*" "$SECONDS"; }
fail() { echo "error: $*" >&2; exit 1; }
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# The commands of a section of the page, as they stand there, into commands.sh.
section() {
    awk -v of="## $1" '/^## / {found = $0 == of} found && /^```(sh|yaml)/ {inside = 1; next} inside && /^```/ {exit} inside' "$page" >commands.sh
    grep -q wgpu-init commands.sh || fail "the page has no section $1"
}
# Runs them, changed by a sed script.
from_page() {
    section "$1"
    sed -i "${2:-}" commands.sh
    rm -rf checkpoint
    bash -e commands.sh >out.txt 2>&1 || { cat out.txt >&2; fail "the commands of the section $1"; }
}
# The folder is that of one process.
same() { diff -r "${2:-alone}" "$1" || fail "$1 is another folder"; }
# Every rank of so many has said who told it, in words that match.
ranks_said() {
    local ranks=$1 by=$2 file=${3:-out.txt}
    for rank in $(seq 0 $((ranks - 1))); do
        grep -qE "^rank +$rank of $ranks, by $by" "$file" || { cat "$file" >&2; fail "rank $rank of $ranks is not by $by"; }
    done
}
