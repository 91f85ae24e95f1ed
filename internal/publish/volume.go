package publish

import "strings"

// isVolumeEntry reports whether a file system, file server or desktop creates an entry
// of this name in the root of a volume. A new volume with it counts as empty, and it
// is never changed.
func isVolumeEntry(name string) bool {
	switch name {
	case "lost+found", // ext2 to ext4, and others: fsck
		"aquota.user", "aquota.group", // quotas
		".snapshot", ".snapshots", ".snap", ".zfs", // snapshots: NetApp, btrfs, Ceph and UFS, ZFS
		".glusterfs", ".trashcan", // GlusterFS
		".Trash", ".Trashes", ".DS_Store", ".fseventsd", ".Spotlight-V100", ".TemporaryItems", ".DocumentRevisions-V100",
		"System Volume Information", "$RECYCLE.BIN", "@eaDir", "#recycle", "#snapshot":
		return true
	}

	// Files that were removed while they were open, and the trash of a user
	// (freedesktop.org Trash specification).
	for _, prefix := range []string{".nfs", ".fuse_hidden", ".Trash-"} {
		if rest, ok := strings.CutPrefix(name, prefix); ok && rest != "" &&
			!strings.ContainsFunc(rest, isNotAlphanumeric) {
			return true
		}
	}

	return false
}

func isNotAlphanumeric(r rune) bool {
	return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
}
