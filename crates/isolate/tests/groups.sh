#!/bin/sh
# Boots a kernel under qemu whose memory and pids controllers are on the unified hierarchy, delegates a subtree to an
# unprivileged user there, and runs `tests/groups.rs` and `mugai doctor` in it, as that user.
#
#     apt-get install qemu-system-x86 busybox-static cpio attr
#     apt-get download linux-image-6.1.0-NN-cloud-amd64 && dpkg -x linux-image-*.deb KERNEL
#     cargo build --workspace --bins && cargo test --workspace --test groups --no-run
#     crates/isolate/tests/groups.sh KERNEL/boot/vmlinuz-* target/debug/deps/groups-*[!d] target/debug
#
# The folder of the executables has the same path inside, for the test knows where its worker is.
set -eu
kernel=$1 tests=$(realpath "$2") folder=$(realpath "$3")
root=$(mktemp -d)
chmod 755 "$root"
trap 'rm -rf "$root"' EXIT

mkdir -p "$root/bin" "$root/proc" "$root/sys" "$root/dev" "$root/tmp" "$root$folder"
cp "$(command -v busybox)" "$root/bin/busybox"
for applet in sh mount mkdir chown su cat echo poweroff ls chmod sleep true; do
    ln -s busybox "$root/bin/$applet"
done
printf 'root:x:0:0::/:/bin/sh\ncdr:x:1000:1000::/:/bin/sh\n' > "$root/etc-passwd"
mkdir "$root/etc" && mv "$root/etc-passwd" "$root/etc/passwd"
cat > "$root/policy.toml" <<POLICY
name = "insists"
isolation = "worker-in-group"
[[route]]
from = "internet"
to = "lgwan"
[route.treat]
text = "text"
POLICY
echo hello > "$root/letter.txt"
cp "$tests" "$root/groups"
for program in mugai isolate-test-worker; do
    cp "$folder/$program" "$root$folder/$program"
done
cp "$(command -v setfattr)" "$root/bin/setfattr"
for file in "$root/bin/setfattr" "$tests" "$folder/mugai" "$folder/isolate-test-worker"; do
    ldd "$file" | grep -o '/[^ ]*' | while read -r library; do
        mkdir -p "$root$(dirname "$library")" && cp -Ln "$library" "$root$library" || true
    done
done
cat > "$root/init" <<INIT
#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t tmpfs -o mode=1777 tmp /tmp
mount -t cgroup2 cgroup /sys/fs/cgroup
echo "+memory +pids" > /sys/fs/cgroup/cgroup.subtree_control
# a unit as a service manager makes it: a group for one process of the user, which is marked as delegated
unit() {
    unit=/sys/fs/cgroup/\$1.service
    mkdir \$unit
    chown 1000:1000 \$unit \$unit/cgroup.procs \$unit/cgroup.subtree_control \$unit/cgroup.threads
    [ \$2 = unmarked ] || setfattr -n user.delegate -v 1 \$unit
    group=\$unit/\$3
    [ -d \$group ] || { mkdir \$group && chown 1000:1000 \$group \$group/cgroup.procs; }
    sh -c "echo \\\$\\\$ > \$group/cgroup.procs; exec su cdr -c 'exec \$4'"
    echo "\$1: exit \$?; left: \$(cd \$unit && echo */)"
}
unit tests marked . "/groups --nocapture --test-threads 1"
unit doctor marked . "$folder/mugai doctor"
unit below marked sub "$folder/mugai doctor"
unit unmarked unmarked . "$folder/mugai doctor"
# what a policy that insists comes to, with groups and without
unit insists marked . "$folder/mugai sanitise --policy /policy.toml --output /tmp/with /letter.txt"
unit insists-in-vain unmarked . "$folder/mugai sanitise --policy /policy.toml --output /tmp/without /letter.txt"
poweroff -f
INIT
chmod +x "$root/init"
(cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) > "$root.cpio.gz"
# emulated, unless told otherwise: takes a minute or two
accel=${ACCEL:-tcg}
qemu-system-x86_64 -machine "accel=$accel" -m 3072 -smp 2 -cpu max -nic none -display none -serial stdio -no-reboot \
    -kernel "$kernel" -initrd "$root.cpio.gz" \
    -append "console=ttyS0 quiet no_timer_check panic=-1 lsm=landlock rdinit=/init"
rm -f "$root.cpio.gz"
