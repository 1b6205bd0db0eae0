package naive

import (
	"fmt"
	"strings"
	"time"

	"github.com/flow-lang/flowc/bench/nexmark/event"
)

func passThrough(in Input) (rows []Row) {
	for _, b := range in.Bids {
		rows = append(rows, Row{
			"auction": b.Auction, "bidder": b.Bidder, "price": b.Price, "channel": b.Channel, "url": b.URL,
			"at": event.Time(b.At), "extra": b.Ex,
		})
	}
	return rows
}

// euros is a price in cents times 0.908, in thousandths.
func euros(price int64) int64 { return price * 908 }

// decimal writes thousandths.
func decimal(thousandths int64) string {
	return fmt.Sprintf("%d.%03d", thousandths/1000, thousandths%1000)
}

func currency(in Input) (rows []Row) {
	for _, b := range in.Bids {
		rows = append(rows, Row{
			"auction": b.Auction, "bidder": b.Bidder, "price": Number(decimal(euros(b.Price))),
			"at": event.Time(b.At), "extra": b.Ex,
		})
	}
	return rows
}

// Number is a number as it is written.
type Number string

// MarshalJSON returns the number itself.
func (n Number) MarshalJSON() ([]byte, error) { return []byte(n), nil }

func selection(in Input) (rows []Row) {
	for _, b := range in.Bids {
		if b.Auction%123 == 0 {
			rows = append(rows, Row{"auction": b.Auction, "price": b.Price})
		}
	}
	return rows
}

func sideInput(in Input) (rows []Row) {
	for _, b := range in.Bids {
		rows = append(rows, Row{
			"auction": b.Auction, "bidder": b.Bidder, "price": b.Price, "at": event.Time(b.At),
			"text": event.SideText(b.Auction % event.SideRows),
		})
	}
	return rows
}

func calculation(in Input) (rows []Row) {
	for _, b := range in.Bids {
		p := euros(b.Price)
		if p <= 1_000_000_000 || p >= 50_000_000_000 {
			continue
		}
		word := "other"
		switch h := time.UnixMicro(b.At).UTC().Hour(); {
		case h >= 8 && h <= 18:
			word = "day"
		case h <= 6 || h >= 20:
			word = "night"
		}
		rows = append(rows, Row{
			"auction": b.Auction, "bidder": b.Bidder, "price": Number(decimal(p)), "time": word,
			"at": event.Time(b.At), "extra": b.Ex, "letters": strings.Count(b.Ex, "c"),
		})
	}
	return rows
}

func channelNumbers(in Input) (rows []Row) {
	hot := map[string]string{"Apple": "0", "Google": "1", "Facebook": "2", "Baidu": "3"}
	for _, b := range in.Bids {
		number, ok := hot[b.Channel]
		if !ok {
			_, number, ok = strings.Cut(b.URL, "&channel_id=")
		}
		if ok {
			rows = append(rows, Row{"auction": b.Auction, "bidder": b.Bidder, "price": b.Price, "channel": b.Channel, "number": number})
		}
	}
	return rows
}

func folders(in Input) (rows []Row) {
	for _, b := range in.Bids {
		parts := strings.Split(b.URL, "/")
		rows = append(rows, Row{
			"auction": b.Auction, "bidder": b.Bidder, "price": b.Price, "channel": b.Channel,
			"dir1": parts[3], "dir2": parts[4], "dir3": parts[5],
		})
	}
	return rows
}
