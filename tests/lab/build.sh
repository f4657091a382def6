#!/usr/bin/env bash
# Builds the Bluetooth lab from Debian's packages into a cache outside the repository and prints
# its folder: a user-mode-Linux kernel with Bluetooth, BlueZ's controller emulator, and a small root
# file system with D-Bus and BlueZ. The folder's name is the hash of what goes into it, so nothing
# is built twice. Needs no root. See README.md.
set -euo pipefail
cd "$(dirname "$0")"

suite=bookworm
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
kernel_source=linux-source-6.1
root_packages=(bash busybox-static dbus bluez libgcc-s1)
build_packages=(gcc make libc6-dev flex bison bc patch xz-utils dpkg-dev debian-archive-keyring)

inputs_hash() { cat build.sh kernel.config kernel-patch/*.patch bluez-patch/*.patch | sha256sum | cut -c1-16; }
cache="${XDG_CACHE_HOME:-$HOME/.cache}/vungxanh"
lab="$cache/lab-$(inputs_hash)"

say() { printf 'lab: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

if [ "${1-}" = --packages ]; then
    printf '%s\n' "${build_packages[@]}"
    exit
fi

mkdir -p "$cache"
exec 9>"$cache/lab.lock"
flock 9
if [ -e "$lab/versions" ]; then
    printf '%s\n' "$lab"
    exit
fi

[ "$(dpkg --print-architecture 2>/dev/null)" = amd64 ] ||
    fail "the lab is built from Debian's packages for amd64; use a Debian or Ubuntu machine"
for tool in gcc make flex bison bc patch xz dpkg-source; do
    command -v "$tool" >/dev/null || fail "$tool is missing; install: ${build_packages[*]}"
done

# Debian's archive as this machine's own apt reaches it; every mirror has all suites.
own_mirror() {
    apt-get indextargets --format '$(SITE) $(RELEASE)' 'Created-By: Packages' |
        awk -v suite="$suite" '$1 ~ /debian\/?$/ { if ($2 == suite || !found) found = $1 } END { print found }'
}
mirror="${VUNGXANH_LAB_MIRROR:-$(own_mirror)}"
[ -n "$mirror" ] || fail "apt names no archive of Debian here; name one: VUNGXANH_LAB_MIRROR=URL"

work="$lab.part"
rm -rf "$work"
mkdir -p "$work"/{apt/lists/partial,apt/archives/partial,packages,root}
here="$PWD"

# An apt of our own: its sources, lists and (empty) state are not those of the machine.
cat >"$work/apt/sources.list" <<END
deb [signed-by=$keyring] $mirror $suite main
deb-src [signed-by=$keyring] $mirror $suite main
END
: >"$work/apt/status"
cat >"$work/apt/apt.conf" <<END
Dir::Etc::sourcelist "$work/apt/sources.list";
Dir::Etc::sourceparts "-";
Dir::State "$work/apt";
Dir::State::status "$work/apt/status";
Dir::State::lists "$work/apt/lists";
Dir::Cache "$work/apt";
Dir::Log "$work/apt";
APT::Sandbox::User "";
APT::Install-Recommends "false";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::Retries "3";
END
export APT_CONFIG="$work/apt/apt.conf"

build_kernel() (
    cd "$work/packages"
    apt-get download "$kernel_source"
    cd "$work"
    dpkg-deb --fsys-tarfile packages/"$kernel_source"_*.deb |
        tar -xO --wildcards "*/$kernel_source.tar.xz" |
        tar -xJ --exclude='*/drivers/gpu/drm/amd/include'
    cd "$kernel_source"
    cat "$here"/kernel-patch/*.patch | patch -p1
    make ARCH=um allnoconfig KCONFIG_ALLCONFIG="$here/kernel.config"
    while read -r line; do
        grep -qxF "$line" .config || fail "the kernel does not take $line"
    done < <(grep '^CONFIG_' "$here/kernel.config")
    nice make ARCH=um -j"$(nproc)" linux
    install -s linux "$work/linux"
    cd "$work"
    rm -r "$kernel_source"
)

build_btvirt() (
    cd "$work/packages"
    apt-get source --download-only bluez
    dpkg-source -x bluez_*.dsc bluez
    cd bluez
    cat "$here"/bluez-patch/*.patch | patch -p1
    mkdir -p include
    ln -s ../lib include/bluetooth
    gcc -O1 -g -w -D_GNU_SOURCE -DVERSION='"lab"' -I. -Iinclude -o "$work/btvirt" \
        emulator/{main,serial,server,vhci,btdev,bthost,smp,phy,amp,le}.c \
        src/shared/{util,queue,crypto,mainloop,mainloop-notify,io-mainloop,timeout-mainloop,ecc,ringbuf}.c \
        lib/{bluetooth,hci}.c
)

build_root() (
    cd "$work"
    mkdir -p root/{usr/{bin,sbin,lib,lib64},etc,dev,proc,sys,run,tmp,var,mnt,root}
    local folder package
    for folder in bin sbin lib lib64; do ln -s "usr/$folder" "root/$folder"; done
    apt-get install -qy --download-only "${root_packages[@]}"
    for package in apt/archives/*.deb; do
        dpkg-deb --fsys-tarfile "$package" |
            tar -x -C root --keep-directory-symlink --no-same-owner \
                --exclude=./usr/share/doc --exclude=./usr/share/man --exclude=./usr/share/locale
    done
    printf 'root:x:0:0:root:/root:/bin/bash\nmessagebus:x:100:100::/:/bin/false\n' >root/etc/passwd
    printf 'root:x:0:\nmessagebus:x:100:\nbluetooth:x:101:\n' >root/etc/group
    printf '127.0.0.1 localhost\n' >root/etc/hosts
    # The first program of a guest: the rest of its start is run.sh's guest/init.sh, on the host.
    cat >root/lab-init <<'END'
#!/bin/busybox sh
/bin/busybox mount -t hostfs -o "$LAB_GUEST" none /mnt
exec /bin/bash /mnt/init.sh
END
    chmod +x root/lab-init
)

started=$SECONDS
say "builds $lab, once; the kernel takes some minutes (log: $lab.log)"
finish() {
    local status=$?
    if [ "$status" -ne 0 ]; then
        tail -25 "$lab.log" >&3
        printf 'lab: not built; the whole log is %s\n' "$lab.log" >&3
    fi
    rm -rf "$work"
}
exec 3>&2 4>&1 >"$lab.log" 2>&1
trap finish EXIT
apt-get update -q
build_btvirt
build_root
build_kernel
find "$work" \( -name '*.dsc' -o -name '*.deb' \) -printf '%f\n' | sort >"$work/versions.part"
rm -rf "$work/apt" "$work/packages"
mv "$work/versions.part" "$work/versions"
mv "$work" "$lab"
exec >&4 2>&3
say "built in $((SECONDS - started)) s"
printf '%s\n' "$lab"
