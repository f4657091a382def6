#!/usr/bin/env bash
# Boots a guest of the Bluetooth lab, runs a script in it, and ends with the script's output and exit
# code. See README.md for what the script can call.
#
#   run.sh [--adapters N] [--controller extended|legacy] [--time virtual|exact|real]
#          [--programs DIR] [--output DIR] [--memory SIZE] [--timeout SECONDS]
#          SCRIPT [ARGUMENT...]
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"

usage() { sed -n 's/^# \?//; 2,7p' "$0" >&2; exit 64; }

adapters=2 controller=extended time=virtual memory=512M timeout=300
programs="$here/../../target/debug" output=
while [ $# -gt 0 ]; do
    case "$1" in
        --adapters) adapters="$2"; shift 2 ;;
        --controller) controller="$2"; shift 2 ;;
        --time) time="$2"; shift 2 ;;
        --programs) programs="$2"; shift 2 ;;
        --output) output="$2"; shift 2 ;;
        --memory) memory="$2"; shift 2 ;;
        --timeout) timeout="$2"; shift 2 ;;
        -*) usage ;;
        *) break ;;
    esac
done
[ $# -ge 1 ] && [ -r "$1" ] || usage
case "$controller" in extended|legacy) ;; *) usage ;; esac
# Virtual time begins on 2026-01-01, whatever the host's date. What a script sets is the guest's time of day
# alone; its hardware clock goes on from there, and wakes a suspended guest only at a time of day that is
# later than its own.
begin=time-travel-start=1767225600000000000
case "$time" in
    virtual) clock=(time-travel $begin) ;;
    exact) clock=(time-travel=inf-cpu $begin) ;;
    real) clock=() ;;
    *) usage ;;
esac

lab="$("$here/build.sh")"
guest="$(mktemp -d)"
trap 'rm -rf "$guest"' EXIT
if [ -z "$output" ]; then output="$guest/output"; fi
mkdir -p "$output" "$programs" "$guest/uml"
output="$(cd "$output" && pwd)"
programs="$(cd "$programs" && pwd)"
rm -f "$output"/{exit-code,script.log,console.log,bluetoothd.log}

cp "$here"/guest/*.sh "$guest/"
cp -r "$here/scripts" "$guest/"
cp "$here/../../daemon/dist/vungxanh.service" "$guest/"
cp "$1" "$guest/script"
install -m 755 "$lab/btvirt" "$guest/btvirt"
shift
{
    printf 'ADAPTERS=%q\nCONTROLLER=%q\nPROGRAMS=%q\nOUTPUT=%q\n' "$adapters" "$controller" "$programs" "$output"
    printf 'ARGUMENTS=('
    [ $# -eq 0 ] || printf '%q ' "$@"
    printf ')\n'
} >"$guest/settings"

: >"$output/script.log"
tail -n +1 -f "$output/script.log" &
tail_pid=$!

# A session of its own, so that all processes of the kernel end with it.
status=0
setsid --wait timeout --kill-after=5 "$timeout" "$lab/linux" \
    mem="$memory" root=/dev/root rootfstype=hostfs rootflags="$lab/root" ro quiet loglevel=3 \
    init=/lab-init LAB_GUEST="$guest" con=null con0=null,fd:1 ssl=null panic=-1 \
    uml_dir="$guest/uml/" umid=lab "${clock[@]}" \
    </dev/null >"$output/console.log" 2>&1 || status=$?
sleep 0.2
kill "$tail_pid" 2>/dev/null || true
wait "$tail_pid" 2>/dev/null || true

if [ -r "$output/exit-code" ]; then
    exit "$(cat "$output/exit-code")"
fi
tail -20 "$output/console.log" >&2
if [ "$status" -eq 124 ] || [ "$status" -eq 137 ]; then
    echo "lab: the guest was stopped after $timeout s" >&2
    exit 124
fi
echo "lab: the guest ended with $status and no answer of its script" >&2
# SIGABRT: the guest's kernel itself gave up.
[ "$status" -ne 134 ] || exit 71
exit 70
