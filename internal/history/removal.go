package history

// Removals returns, by path, the commits that removed files which the head does not
// have: of each the newest commit of `git log -- PATH`. A path that the head has is
// not in the result, nor is one that a merge left out, so that its log is empty. The
// paths are below the directory that the walk recorded.
func (h *History) Removals(files *Files, paths []string) (map[string]*Commit, error) {
	removers := make(map[string]map[int]bool, len(paths))
	for _, p := range paths {
		removers[p] = map[int]bool{}
	}

	for n := range h.Commits {
		for _, c := range files.Changed(n) {
			if by, ok := removers[c.Path]; ok && c.To.Mode == 0 {
				by[n] = true
			}
		}
	}

	found := map[string]*Commit{}
	mainline := h.mainline()
	for _, p := range paths {
		by := removers[p]
		e, err := files.At(h.Head(), p)
		if err != nil {
			return nil, err
		}
		if e.Mode != 0 {
			continue
		}

		// Commits of the main line before the first of these change nothing.
		for _, n := range mainline {
			if !by[n] {
				continue
			}
			if n, err = h.removal(files, p, n, by); err != nil {
				return nil, err
			}
			if n >= 0 {
				found[p] = h.Commits[n]
			}
			break
		}
	}

	return found, nil
}

// mainline are the commits on the chain of first parents, from the head.
func (h *History) mainline() []int {
	chain := []int{0}
	for n := 0; len(h.parents[n]) > 0; {
		n = h.parents[n][0]
		chain = append(chain, n)
	}
	return chain
}

// removal follows the log of a path from a commit that lacks it to the one that removed
// it; -1 if there is none. It is given the commits that removed it against their first
// parent.
func (h *History) removal(files *Files, path string, n int, by map[int]bool) (int, error) {
	for {
		if !by[n] { // so its first parent lacks the path, too
			if len(h.parents[n]) == 0 {
				return -1, nil
			}
			n = h.parents[n][0]
			continue
		}

		without := -1
		for _, p := range h.parents[n][1:] {
			e, err := files.At(h.Commits[p], path)
			if err != nil {
				return 0, err
			}
			if e.Mode == 0 {
				without = p
				break
			}
		}

		if without < 0 {
			return n, nil
		}
		n = without
	}
}
