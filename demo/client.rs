// SPDX-License-Identifier: MIT

//! The demo's client in Rust, with the standard library and two functions of C:
//! `rustc client.rs`. The numbers are those of <linux/iommufd.h> and
//! <linux/vfio.h>; the device is QEMU's edu.

use std::fs::{self, File, OpenOptions};
use std::io::{Error, ErrorKind, Read, Result};
use std::os::raw::{c_int, c_uint, c_ulong, c_void};
use std::os::unix::fs::FileExt;
use std::os::unix::io::{AsRawFd, FromRawFd};

extern "C" {
    fn ioctl(fd: c_int, request: c_ulong, arg: *mut c_void) -> c_int;
    fn eventfd(initial: c_uint, flags: c_int) -> c_int;
}

const PCI: &str = "/sys/bus/pci/devices";
const IOVA: u32 = 0x100000;
const BUFFER: u64 = 0x40000;
const TO_RAM: u64 = 2;

const IOMMU_IOAS_ALLOC: c_ulong = 0x3b81;
const IOMMU_IOAS_MAP: c_ulong = 0x3b85;
const IOMMU_IOAS_UNMAP: c_ulong = 0x3b86;
const VFIO_DEVICE_GET_REGION_INFO: c_ulong = 0x3b6c;
const VFIO_DEVICE_SET_IRQS: c_ulong = 0x3b6e;
const VFIO_DEVICE_BIND_IOMMUFD: c_ulong = 0x3b76;
const VFIO_DEVICE_ATTACH_IOMMUFD_PT: c_ulong = 0x3b77;

/// An ioctl on a struct that is an array of 32-bit words.
fn call(file: &File, request: c_ulong, arg: &mut [u32]) -> Result<()> {
    // SAFETY: the words are as many as the struct's size, its first word, says.
    let result = unsafe { ioctl(file.as_raw_fd(), request, arg.as_mut_ptr().cast()) };
    if result < 0 { Err(Error::last_os_error()) } else { Ok(()) }
}

fn read_id(path: String) -> Result<String> {
    Ok(fs::read_to_string(path)?.trim().to_string())
}

fn find() -> Result<String> {
    for entry in fs::read_dir(PCI)? {
        let dir = entry?.path().display().to_string();
        if read_id(format!("{dir}/vendor"))? != "0x1234" || read_id(format!("{dir}/device"))? != "0x11e8" {
            continue;
        }
        if let Some(name) = fs::read_dir(format!("{dir}/vfio-dev"))?.next() {
            return Ok(name?.file_name().to_string_lossy().into_owned());
        }
    }
    Err(Error::new(ErrorKind::NotFound, "no edu device"))
}

fn open(path: &str) -> Result<File> {
    OpenOptions::new().read(true).write(true).open(path)
}

fn region(device: &File, index: u32) -> Result<u64> {
    let mut info = [32, 0, index, 0, 0, 0, 0, 0];
    call(device, VFIO_DEVICE_GET_REGION_INFO, &mut info)?;
    Ok(u64::from(info[6]) | u64::from(info[7]) << 32)
}

/// Copy a page and wait for the interrupt (5: start, and interrupt).
fn dma(device: &File, bar: u64, event: &mut File, from: u64, to: u64, command: u64) -> Result<()> {
    for (register, value) in [(0x80, from), (0x88, to), (0x90, 4096), (0x98, command | 5)] {
        device.write_all_at(&value.to_le_bytes(), bar + register)?;
    }
    event.read_exact(&mut [0; 8])?;
    device.write_all_at(&0x100u32.to_le_bytes(), bar + 0x64)
}

#[repr(align(4096))]
struct Pages([[u8; 4096]; 2]);

fn main() -> Result<()> {
    let device = open(&format!("/dev/vfio/devices/{}", find()?))?;
    let iommu = open("/dev/iommu")?;
    call(&device, VFIO_DEVICE_BIND_IOMMUFD, &mut [16, 0, iommu.as_raw_fd() as u32, 0])?;
    let mut ioas = [12, 0, 0];
    call(&iommu, IOMMU_IOAS_ALLOC, &mut ioas)?;
    let ioas = ioas[2];
    call(&device, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &mut [12, 0, ioas])?;

    let mut pages = Box::new(Pages([[0; 4096]; 2]));
    for (n, byte) in pages.0[0].iter_mut().enumerate() {
        *byte = (n * 13) as u8;
    }
    // From here on the device shares it: no reference, only volatile accesses.
    let memory = Box::into_raw(pages);
    let va = memory as u64;
    // Fixed IOVA, writeable, readable.
    call(&iommu, IOMMU_IOAS_MAP,
         &mut [40, 7, ioas, 0, va as u32, (va >> 32) as u32, 8192, 0, IOVA, 0])?;

    let command = region(&device, 7)? + 4;
    device.write_all_at(&6u16.to_le_bytes(), command)?;
    // SAFETY: the descriptor is new and nobody else's; -1 is refused with a panic.
    let mut event = unsafe { File::from_raw_fd(eventfd(0, 0)) };
    // MSI, one eventfd as trigger.
    call(&device, VFIO_DEVICE_SET_IRQS, &mut [24, 0x24, 1, 0, 1, event.as_raw_fd() as u32])?;

    let bar = region(&device, 0)?;
    let target = u64::from(IOVA) + 4096;
    dma(&device, bar, &mut event, u64::from(IOVA), BUFFER, 0)?;
    dma(&device, bar, &mut event, BUFFER, target, TO_RAM)?;
    // SAFETY: the memory stays allocated to the end of the process.
    let seen = unsafe { memory.read_volatile() };
    assert!(seen.0[0] == seen.0[1], "the copy differs");
    println!("rust: 4096 bytes went through the device");

    call(&iommu, IOMMU_IOAS_UNMAP, &mut [24, ioas, IOVA, 0, 8192, 0])?;
    // SAFETY: as above.
    unsafe { memory.write_volatile(Pages([[0; 4096]; 2])) };
    dma(&device, bar, &mut event, BUFFER, target, TO_RAM)?;
    // SAFETY: as above.
    let seen = unsafe { memory.read_volatile() };
    assert!(seen.0[1] == [0; 4096], "written after the unmap");
    println!("rust: after the unmap the same DMA is blocked");
    Ok(())
}
