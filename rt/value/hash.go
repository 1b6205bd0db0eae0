package value

import "math/bits"

// The secret of the hash.
const (
	secret0 = 0x2d358dccaa6c78a5
	secret1 = 0x8bb84b93962eacc9
	secret2 = 0x4b33a62ed433d4a3
	secret3 = 0x4d5a2da51de1aa47
)

// hashSeed is the state before the first byte: mix(secret0, secret1), for a
// seed of zero.
const hashSeed uint64 = 0xca813bf4c7abf0a9

// Hash64 returns a hash of b that is the same on every machine and in every
// version, for ever: it decides which key group holds a key of saved state. It
// withstands no one who looks for collisions.
//
// Source: wyhash, final version 4.3, seed 0, by Wang Yi and others, public
// domain (github.com/wangyi-fudan/wyhash).
func Hash64(b []byte) uint64 {
	n := len(b)
	if n <= 16 {
		return hashShort(b)
	}
	seed := hashSeed
	rest := b
	if n >= 48 {
		seed1, seed2 := seed, seed
		for len(rest) >= 48 {
			seed = mix(load64(rest)^secret1, load64(rest[8:])^seed)
			seed1 = mix(load64(rest[16:])^secret2, load64(rest[24:])^seed1)
			seed2 = mix(load64(rest[32:])^secret3, load64(rest[40:])^seed2)
			rest = rest[48:]
		}
		seed ^= seed1 ^ seed2
	}
	for len(rest) > 16 {
		seed = mix(load64(rest)^secret1, load64(rest[8:])^seed)
		rest = rest[16:]
	}
	return finish(load64(b[n-16:]), load64(b[n-8:]), seed, n)
}

// hashShort hashes up to 16 bytes.
func hashShort(b []byte) uint64 {
	n := len(b)
	switch {
	case n >= 4:
		middle := n >> 3 << 2
		return finish(load32(b)<<32|load32(b[middle:]), load32(b[n-4:])<<32|load32(b[n-4-middle:]), hashSeed, n)
	case n > 0:
		return finish(uint64(b[0])<<16|uint64(b[n>>1])<<8|uint64(b[n-1]), 0, hashSeed, n)
	}
	return finish(0, 0, hashSeed, 0)
}

// finish mixes the last 16 bytes and the length in.
func finish(a, b, seed uint64, n int) uint64 {
	hi, lo := bits.Mul64(a^secret1, b^seed)
	return mix(lo^secret0^uint64(n), hi^secret1)
}

// mix folds the 128-bit product of a and b.
func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// HashString returns Hash64 of the bytes of s.
func HashString(s string) uint64 { return Hash64(view(s)) }

// Group returns the key group, of so many, of a key with that hash.
func Group(hash uint64, groups int) int { return int((hash >> 32) * uint64(groups) >> 32) }

// BoolKey returns a bool as an integer key: 1 for true, 0 for false.
func BoolKey(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// HashInt returns Hash64 of the key encoding of n: eight bytes, the most
// significant first, with the sign bit flipped so that bytes sort as numbers
// do.
func HashInt(n int64) uint64 {
	u := bits.ReverseBytes64(uint64(n) ^ 1<<63)
	return finish(u<<32|u>>32, u, hashSeed, 8)
}
