// SPDX-License-Identifier: MIT

// The demo's client in Go, with package syscall alone: go build client.go.
// The numbers are those of <linux/iommufd.h> and <linux/vfio.h>; the device is
// QEMU's edu.
package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"strings"
	"syscall"
	"unsafe"
)

const (
	pci    = "/sys/bus/pci/devices/"
	iova   = 0x100000
	buffer = 0x40000
	toRAM  = 2

	ioasAlloc  = 0x3b81 // IOMMU_IOAS_ALLOC
	ioasMap    = 0x3b85 // IOMMU_IOAS_MAP
	ioasUnmap  = 0x3b86 // IOMMU_IOAS_UNMAP
	regionInfo = 0x3b6c // VFIO_DEVICE_GET_REGION_INFO
	setIRQs    = 0x3b6e // VFIO_DEVICE_SET_IRQS
	bind       = 0x3b76 // VFIO_DEVICE_BIND_IOMMUFD
	attach     = 0x3b77 // VFIO_DEVICE_ATTACH_IOMMUFD_PT
)

func check(err error, what string) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "client: %s: %v\n", what, err)
		os.Exit(1)
	}
}

// An ioctl on a struct that is an array of 32-bit words.
func call(fd int, request uintptr, what string, arg []uint32) {
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), request,
		uintptr(unsafe.Pointer(&arg[0])))
	if errno != 0 {
		check(errno, what)
	}
}

func find() string {
	devices, err := os.ReadDir(pci)
	check(err, pci)
	for _, d := range devices {
		vendor, _ := os.ReadFile(pci + d.Name() + "/vendor")
		device, _ := os.ReadFile(pci + d.Name() + "/device")
		if strings.TrimSpace(string(vendor)) != "0x1234" ||
			strings.TrimSpace(string(device)) != "0x11e8" {
			continue
		}
		names, err := os.ReadDir(pci + d.Name() + "/vfio-dev")
		check(err, "vfio-dev")
		return names[0].Name()
	}
	check(syscall.ENODEV, "edu")
	return ""
}

func region(device int, index uint32) int64 {
	info := []uint32{32, 0, index, 0, 0, 0, 0, 0}
	call(device, regionInfo, "GET_REGION_INFO", info)
	return int64(info[6]) | int64(info[7])<<32
}

func write(device int, where int64, value uint64, size int) {
	var bytes [8]byte
	binary.LittleEndian.PutUint64(bytes[:], value)
	_, err := syscall.Pwrite(device, bytes[:size], where)
	check(err, "pwrite")
}

// Copy a page and wait for the interrupt (5: start, and interrupt).
func dma(device int, bar int64, event int, from, to, command uint64) {
	write(device, bar+0x80, from, 8)
	write(device, bar+0x88, to, 8)
	write(device, bar+0x90, 4096, 8)
	write(device, bar+0x98, command|5, 8)
	_, err := syscall.Read(event, make([]byte, 8))
	check(err, "eventfd")
	write(device, bar+0x64, 0x100, 4)
}

func main() {
	device, err := syscall.Open("/dev/vfio/devices/"+find(), syscall.O_RDWR, 0)
	check(err, "open")
	iommu, err := syscall.Open("/dev/iommu", syscall.O_RDWR, 0)
	check(err, "/dev/iommu")
	call(device, bind, "BIND_IOMMUFD", []uint32{16, 0, uint32(iommu), 0})
	ioas := []uint32{12, 0, 0}
	call(iommu, ioasAlloc, "IOAS_ALLOC", ioas)
	call(device, attach, "ATTACH_IOMMUFD_PT", []uint32{12, 0, ioas[2]})

	memory, err := syscall.Mmap(-1, 0, 8192,
		syscall.PROT_READ|syscall.PROT_WRITE,
		syscall.MAP_PRIVATE|syscall.MAP_ANON)
	check(err, "mmap")
	source, target := memory[:4096], memory[4096:]
	for i := range source {
		source[i] = byte(i * 13)
	}
	va := uint64(uintptr(unsafe.Pointer(&memory[0])))
	// Fixed IOVA, writeable, readable.
	call(iommu, ioasMap, "IOAS_MAP", []uint32{40, 7, ioas[2], 0,
		uint32(va), uint32(va >> 32), 8192, 0, iova, 0})

	write(device, region(device, 7)+4, 0x6, 2)
	event, _, errno := syscall.Syscall(syscall.SYS_EVENTFD2, 0, 0, 0)
	if errno != 0 {
		check(errno, "eventfd")
	}
	// MSI, one eventfd as trigger.
	call(device, setIRQs, "SET_IRQS",
		[]uint32{24, 0x24, 1, 0, 1, uint32(event)})

	bar := region(device, 0)
	dma(device, bar, int(event), iova, buffer, 0)
	dma(device, bar, int(event), buffer, iova+4096, toRAM)
	if !bytes.Equal(source, target) {
		check(syscall.EIO, "the copy differs")
	}
	fmt.Println("go: 4096 bytes went through the device")

	call(iommu, ioasUnmap, "IOAS_UNMAP",
		[]uint32{24, ioas[2], iova, 0, 8192, 0})
	copy(target, make([]byte, 4096))
	dma(device, bar, int(event), buffer, iova+4096, toRAM)
	if !bytes.Equal(target, make([]byte, 4096)) {
		check(syscall.EIO, "written after the unmap")
	}
	fmt.Println("go: after the unmap the same DMA is blocked")
}
