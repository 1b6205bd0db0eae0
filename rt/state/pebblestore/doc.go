// Package pebblestore keeps state in Pebble, on local disk: state that is larger
// than memory.
//
// In go batches of records, sorted into files and handed to Pebble at once;
// out come the records of one key, or all. The folder is good for one run of a
// job: nothing in it is synced, and the next start empties it and fills it from
// the checkpoint. So what Pebble does with a log or a manifest after a crash
// cannot matter.
//
// Where Pebble would end the process, the job fails, and says why.
package pebblestore
