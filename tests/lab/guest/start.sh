# Second part of a guest's start, with a root file system that can be written to.
export PATH=/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin HOME=/root LANG=C.UTF-8
. /mnt/settings
busybox mount -t proc none /proc
busybox mount -t sysfs none /sys
busybox mount -t debugfs none /sys/kernel/debug
busybox mount -t devtmpfs none /dev
busybox mkdir -p /dev/pts /dev/shm /output /programs /usr/local/bin /var/lib/dbus
busybox mount -t devpts none /dev/pts
busybox mount -t tmpfs none /dev/shm
busybox mount -t tmpfs none /run
busybox mount -t tmpfs none /tmp
busybox mount -t hostfs -o "$OUTPUT" none /output
busybox mount -t hostfs -o "$PROGRAMS" none /programs
busybox --install -s /usr/local/bin
ln -sf /proc/self/fd /dev/fd
ifconfig lo up
chmod 1777 /tmp

exec >/output/script.log 2>&1 </dev/null
. /mnt/functions.sh

status=70
if start_dbus && start_controllers && start_bluetoothd; then
    cd /root
    (. /mnt/script "${ARGUMENTS[@]}")
    status=$?
else
    echo "lab: the guest's Bluetooth did not start"
fi
echo "$status" >/output/exit-code
sync
poweroff -f
