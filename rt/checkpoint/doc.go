// Package checkpoint keeps the checkpoints of a job in a [Store]: what it writes
// is all there after a crash, or not there at all.
//
// A checkpoint is a [Manifest] and the files that it names. Files have the hash
// of their content as name, so that two with one name are the same, and several
// checkpoints share them. Manifests are numbered; one is created only if nothing
// has its number yet, and it is written when all its files are. So the manifests
// are a log that one process at a time can add to: a process that begins adds an
// entry without state, a claim, and whoever wrote before finds the number taken.
//
// What goes in and out are bytes and [Record]s of package state; the package
// knows neither operators nor connectors, and reads no clock.
package checkpoint
