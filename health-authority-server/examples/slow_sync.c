/* Adds 10 ms to each sync, as a slow disk would:
 * cc -shared -fPIC -o slow_sync.so health-authority-server/examples/slow_sync.c
 * LD_PRELOAD=./slow_sync.so target/release/examples/load 20000 256 */
#include <sys/syscall.h>
#include <unistd.h>

int fsync(int file) { usleep(10000); return syscall(SYS_fsync, file); }
int fdatasync(int file) { usleep(10000); return syscall(SYS_fdatasync, file); }
