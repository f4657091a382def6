# Arguments: the exit code.
exit "$1"
