// Package avro reads and writes Avro: the values of saved state in binary, the
// schemas that describe them to others, and files of them.
//
// Generated code calls the primitives, the Append functions and the methods of
// [Reader]. Who meets a value of which only a [schema.Type] is known, as the
// commands on savepoints do, reads it by [AppendJSON] and writes it by
// [FromJSON]. [Writer] and [File] are object container files, which any Avro
// library reads, and [Schema] is the schema that stands in them.
//
// What is read may be broken or hostile: counts are held against the bytes that
// are left, nesting ends at MaxDepth, and no input makes the package panic or
// take more memory than a small multiple of its length. The package knows no
// file system, clock or chance.
package avro
