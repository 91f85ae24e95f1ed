//go:build !race

package main

// maxSlowClient is how many bytes a slow client may cost: what net/http needs
// for a connection (two buffers of 4 kB and a stack of 8 kB), and a little more.
const maxSlowClient = 32 << 10
