//go:build race

package main

// raceDetector says that the program takes many times the memory.
const raceDetector = true
