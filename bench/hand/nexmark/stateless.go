package main

import (
	"bytes"
	"errors"
	"strconv"

	"github.com/flow-lang/flowc/bench/hand/loop"
)

// number appends a field that holds a number.
func number(out []byte, name string, n int64) []byte {
	return strconv.AppendInt(append(append(append(out, '"'), name...), '"', ':'), n, 10)
}

// words appends a field that holds text.
func words(out []byte, name string, s []byte) []byte {
	return loop.AppendString(append(append(append(out, '"'), name...), '"', ':'), s)
}

// moment appends a field that holds a time.
func moment(out []byte, name string, at int64) []byte {
	return loop.AppendTime(append(append(append(out, '"'), name...), '"', ':'), at)
}

// thousandths appends a field that holds so many thousandths.
func thousandths(out []byte, name string, n int64) []byte {
	out = number(out, name, n/1000)
	rest := n % 1000
	return append(out, '.', byte('0'+rest/100), byte('0'+rest/10%10), byte('0'+rest%10))
}

// passed is q0.
func passed() query {
	return query{wants: channel | address | extra, bid: func(b *bid, out []byte) ([]byte, error) {
		out = number(append(out, '{'), "auction", b.auction)
		out = number(append(out, ','), "bidder", b.bidder)
		out = number(append(out, ','), "price", b.price)
		out = words(append(out, ','), "channel", b.channel)
		out = words(append(out, ','), "url", b.url)
		out = moment(append(out, ','), "at", b.at)
		out = words(append(out, ','), "extra", b.extra)
		return append(out, "}\n"...), nil
	}}
}

// euros is q1.
func euros() query {
	return query{wants: extra, bid: func(b *bid, out []byte) ([]byte, error) {
		out = number(append(out, '{'), "auction", b.auction)
		out = number(append(out, ','), "bidder", b.bidder)
		out = thousandths(append(out, ','), "price", b.price*908)
		out = moment(append(out, ','), "at", b.at)
		out = words(append(out, ','), "extra", b.extra)
		return append(out, "}\n"...), nil
	}}
}

// chosen is q2.
func chosen() query {
	return query{bid: func(b *bid, out []byte) ([]byte, error) {
		if b.auction%123 != 0 {
			return out, nil
		}
		out = number(append(out, '{'), "auction", b.auction)
		out = number(append(out, ','), "price", b.price)
		return append(out, "}\n"...), nil
	}}
}

// calculated is q14.
func calculated() query {
	return query{wants: extra, bid: func(b *bid, out []byte) ([]byte, error) {
		price := b.price * 908
		if price <= 1_000_000_000 || price >= 50_000_000_000 {
			return out, nil
		}
		time := "other"
		switch hour := b.at / 3_600_000_000 % 24; {
		case hour >= 8 && hour <= 18:
			time = "day"
		case hour <= 6 || hour >= 20:
			time = "night"
		}
		out = number(append(out, '{'), "auction", b.auction)
		out = number(append(out, ','), "bidder", b.bidder)
		out = thousandths(append(out, ','), "price", price)
		out = append(append(append(out, `,"time":"`...), time...), '"')
		out = moment(append(out, ','), "at", b.at)
		out = words(append(out, ','), "extra", b.extra)
		out = number(append(out, ','), "letters", int64(bytes.Count(b.extra, []byte("c"))))
		return append(out, "}\n"...), nil
	}}
}

// numbered is q21.
func numbered() query {
	return query{wants: channel | address, bid: func(b *bid, out []byte) ([]byte, error) {
		var n []byte
		switch string(bytes.ToLower(b.channel)) {
		case "apple":
			n = []byte("0")
		case "google":
			n = []byte("1")
		case "facebook":
			n = []byte("2")
		case "baidu":
			n = []byte("3")
		default:
			_, after, found := bytes.Cut(b.url, []byte("&channel_id="))
			if !found {
				return out, nil
			}
			n, _, _ = bytes.Cut(after, []byte("&"))
		}
		out = number(append(out, '{'), "auction", b.auction)
		out = number(append(out, ','), "bidder", b.bidder)
		out = number(append(out, ','), "price", b.price)
		out = words(append(out, ','), "channel", b.channel)
		out = words(append(out, ','), "number", n)
		return append(out, "}\n"...), nil
	}}
}

var errFolders = errors.New("the address has no three folders")

// folders is q22.
func folders() query {
	return query{wants: channel | address, bid: func(b *bid, out []byte) ([]byte, error) {
		parts := [6][]byte{}
		rest := b.url
		for i := range parts {
			var found bool
			if parts[i], rest, found = bytes.Cut(rest, []byte("/")); !found && i < 5 {
				return out, errFolders
			}
		}
		out = number(append(out, '{'), "auction", b.auction)
		out = number(append(out, ','), "bidder", b.bidder)
		out = number(append(out, ','), "price", b.price)
		out = words(append(out, ','), "channel", b.channel)
		out = words(append(out, ','), "dir1", parts[3])
		out = words(append(out, ','), "dir2", parts[4])
		out = words(append(out, ','), "dir3", parts[5])
		return append(out, "}\n"...), nil
	}}
}
