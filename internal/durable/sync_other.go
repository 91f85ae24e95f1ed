//go:build !unix

package durable

// ReplacesLinks reports whether a symbolic link can be replaced in one step, by
// renaming another one over it. On Windows a link to a directory counts as a
// directory there, and no directory is replaced.
const ReplacesLinks = false

// SyncDir does nothing: a system without Unix's calls does not sync
// directories, and NTFS keeps a journal of its names.
func (OS) SyncDir(string) error { return nil }

// SyncTree does nothing: without [ReplacesLinks] no tree is published.
func (OS) SyncTree(string) error { return nil }
