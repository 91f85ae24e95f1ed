package hint

// Nearest returns the known word that a misspelled one most likely means: the closest
// by edit distance, if that is 1 or at most a third of its length. It returns "" where
// there is none.
func Nearest(word string, known []string) string {
	best, nearest := max(1, len(word)/3)+1, ""
	for _, k := range known {
		if d := distance(word, k); d < best {
			best, nearest = d, k
		}
	}
	return nearest
}

// distance counts the edits between two words: letters replaced, inserted,
// deleted, or exchanged with the next (optimal string alignment).
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}

	for j := range rows[0] {
		rows[0][j] = j
	}

	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}

	return rows[len(a)][len(b)]
}
