//go:build race

package main

// maxSlowClient is how many bytes a slow client may cost: what net/http needs
// for a connection, some four times as much under the race detector.
const maxSlowClient = 128 << 10
