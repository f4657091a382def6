# The first process of a guest: mounts, D-Bus, virtual controllers, BlueZ; then the script, and off.
# /mnt is the folder that run.sh prepared.
/bin/busybox mount -t tmpfs none /tmp
/bin/busybox mkdir -p /tmp/{root,changes}
/bin/busybox mount -t tmpfs none /tmp/changes
/bin/busybox mkdir -p /tmp/changes/{upper,work}
/bin/busybox mount -t overlay -o lowerdir=/,upperdir=/tmp/changes/upper,workdir=/tmp/changes/work none /tmp/root || exit 1
/bin/busybox mkdir -p /tmp/root/mnt
. /mnt/settings
/bin/busybox mount -t hostfs -o "$LAB_GUEST" none /tmp/root/mnt
exec /bin/busybox chroot /tmp/root /bin/bash /mnt/start.sh
