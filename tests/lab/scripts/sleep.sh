# What the clock shows at first; then the machine sleeps twice for ten minutes, and cannot at a time of day
# before its hardware clock's. In /output/clock.txt.
{
    date -u +%F
    date -u -s "2026-12-01 08:00:00" >/dev/null
    for _ in 1 2; do
        begin="$(date +%s)"
        suspend 600 || fail "the machine does not sleep"
        echo "$(($(date +%s) - begin))"
    done
    date -u -s "2025-12-01 08:00:00" >/dev/null
    suspend 600 && fail "the machine slept at a time of day at which it could not wake"
} >/output/clock.txt
true
