package typecheck

import "strings"

// elsewhere has types by the names that other languages, and SQL, have for them.
var elsewhere = map[string]string{
	"int8": "int32", "int16": "int32", "short": "int32", "byte": "int32", "uint8": "int32", "uint16": "int32",
	"int64": "int", "integer": "int", "long": "int", "bigint": "int", "uint": "int", "uint32": "int", "uint64": "int",
	"double": "float", "float64": "float", "real": "float", "number": "float", "numeric": "decimal(p, s)",
	"str": "string", "text": "string", "varchar": "string", "char": "string", "boolean": "bool",
	"datetime": "timestamp", "time": "timestamp", "instant": "timestamp", "interval": "duration",
	"binary": "bytes", "blob": "bytes", "guid": "uuid", "any": "json", "object": "json",
	"array": "list<T>", "slice": "list<T>", "vector": "list<T>", "dict": "map<K, V>", "hashmap": "map<K, V>",
}

// sameAs has what other languages, SQL and Flink call what Flow has by one of
// some other names. Words are in lower case, without underscores.
var sameAs = map[string][]string{
	"null": {"none"}, "nil": {"none"}, "undefined": {"none"},

	"uppercase": {"upper"}, "touppercase": {"upper"}, "toupper": {"upper"}, "ucase": {"upper"},
	"lowercase": {"lower"}, "tolowercase": {"lower"}, "tolower": {"lower"}, "lcase": {"lower"},
	"substr": {"slice"}, "substring": {"slice"}, "sublist": {"slice"},
	"length": {"len"}, "size": {"len"}, "count": {"len"}, "strip": {"trim"},
	"includes": {"contains"}, "has": {"contains"}, "position": {"index_of"}, "indexof": {"index_of"},
	"lpad": {"pad_left"}, "padstart": {"pad_left"}, "rjust": {"pad_left"},

	"push": {"append", "add"}, "add": {"append"}, "insert": {"add", "append"}, "put": {"add", "append"},
	"delete": {"remove"}, "erase": {"remove"}, "discard": {"remove"}, "unset": {"cancel"}, "stop": {"cancel"}, "start": {"set"},
	"reduce": {"fold"}, "foldl": {"fold"}, "some": {"any"}, "exists": {"any"}, "every": {"all"}, "forall": {"all"},
	"sort": {"sort_by"}, "sorted": {"sort_by"}, "orderby": {"sort_by"}, "head": {"first"},

	"tostring": {"string"}, "str": {"string"}, "atoi": {"parse_int"}, "toint": {"parse_int"}, "tofloat": {"parse_float"},
	"totimestamp": {"parse_timestamp"}, "trunc": {"truncate"}, "datetrunc": {"truncate"}, "roundto": {"truncate"},
	"millis": {"unix_ms"}, "epoch": {"unix_ms"}, "dayofweek": {"weekday"}, "currenttimestamp": {"now"}, "power": {"pow"}, "ceiling": {"ceil"},

	"mean": {"avg"}, "average": {"avg"}, "median": {"approx_quantile"}, "percentile": {"approx_quantile"}, "quantile": {"approx_quantile"},
	"stdev": {"stddev"}, "arrayagg": {"collect"}, "collectlist": {"collect"}, "argmin": {"min_by"}, "argmax": {"max_by"},

	"where": {"filter"}, "having": {"filter"}, "select": {"map"}, "project": {"map"}, "explode": {"flat_map"}, "unnest": {"flat_map"},
	"distinct": {"dedupe"}, "deduplicate": {"dedupe"}, "unique": {"dedupe"}, "window": {"tumbling", "size"}, "tumble": {"tumbling"},
	"hop": {"sliding"}, "hopping": {"sliding"}, "slide": {"sliding"}, "sessionwindow": {"session"}, "merge": {"union"}, "concat": {"union"},
	"join": {"interval_join"}, "innerjoin": {"interval_join"}, "matchrecognize": {"pattern"}, "cep": {"pattern"}, "topn": {"top"},
	"asyncmap": {"async"}, "limit": {"throttle"}, "json": {"jsonl"},
	"timeout": {"gap", "within"}, "step": {"every"}, "hopsize": {"every"}, "allowedlateness": {"lateness"}, "by": {"key"},
	"aggregate": {"agg"}, "condition": {"on"},
}

// known returns the candidate that elsewhere is called name, "" if there is none.
func known(name string, candidates []string) string {
	for _, ours := range sameAs[strings.ToLower(strings.ReplaceAll(name, "_", ""))] {
		if indexOf(candidates, ours) >= 0 {
			return ours
		}
	}
	return ""
}
