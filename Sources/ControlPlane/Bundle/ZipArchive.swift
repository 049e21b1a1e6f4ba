import CZlib
import Foundation

/// A ZIP file (PKWARE's APPNOTE 6.3) of a few small files, stored as they are: what every computer opens by a double click.
struct ZipArchive {
    private var content = Data()
    private var directory = Data()
    private var count = 0
    /// MS-DOS's day and time (APPNOTE §4.4.6).
    private let day: UInt16
    private let time: UInt16

    init(at date: Date) {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
        // Years are counted from 1980 on, in seven bits.
        let year = min(max((parts.year ?? 1980) - 1980, 0), 127)
        day = UInt16(year << 9 | (parts.month ?? 1) << 5 | (parts.day ?? 1))
        time = UInt16((parts.hour ?? 0) << 11 | (parts.minute ?? 0) << 5 | (parts.second ?? 0) / 2)
    }

    /// - Parameter name: in ASCII, with `/` between folders.
    mutating func add(_ name: String, _ file: Data) {
        let offset = content.count
        let entry = entry(name, file)
        content.append(Self.little(0x0403_4b50 as UInt32) + entry + Data(name.utf8) + file)
        directory.append(Self.little(0x0201_4b50 as UInt32))
        // Made by a Unix of the same version, for a file that its owner may read and write.
        directory.append(Self.little(UInt16(3 << 8 | 20)) + entry)
        directory.append(Self.little(0 as UInt16) + Self.little(0 as UInt16) + Self.little(0 as UInt16))
        directory.append(Self.little(UInt32(0o100600) << 16) + Self.little(UInt32(offset)) + Data(name.utf8))
        count += 1
    }

    /// What the two headers of a file have in common, from the version needed to the length of the extra field.
    private func entry(_ name: String, _ file: Data) -> Data {
        let checksum = unsafe file.withUnsafeBytes { bytes in
            unsafe UInt32(truncatingIfNeeded: crc32(0, bytes.bindMemory(to: UInt8.self).baseAddress, uInt(bytes.count)))
        }
        let size = Self.little(UInt32(file.count))
        return Self.little(20 as UInt16) + Self.little(0 as UInt16) + Self.little(0 as UInt16) + Self.little(time)
            + Self.little(day) + Self.little(checksum) + size + size + Self.little(UInt16(name.utf8.count))
            + Self.little(0 as UInt16)
    }

    /// The whole file, with its directory at the end.
    var data: Data {
        let number = Self.little(UInt16(count))
        return content + directory + Self.little(0x0605_4b50 as UInt32) + Self.little(0 as UInt32) + number + number
            + Self.little(UInt32(directory.count)) + Self.little(UInt32(content.count)) + Self.little(0 as UInt16)
    }

    private static func little(_ value: some FixedWidthInteger) -> Data {
        unsafe withUnsafeBytes(of: value.littleEndian) { unsafe Data($0) }
    }
}
