import CZlib
import Foundation
import MathKernels

/// The arrays of an `.npz` file: a zip archive, stored or deflated, of arrays in NumPy's `.npy` form.
///
/// The file is mapped, not read; `array` inflates one member. Sources: APPNOTE 6.3.3 of zip,
/// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
struct NumpyArchive: Sendable {
  /// One array: its type's code such as `<f4`, its shape and its bytes.
  struct Member: Sendable {
    let type: String
    let shape: [Int]
    let bytes: [UInt8]
  }

  private struct Entry {
    var method: Int
    var offset: Int
    var packed: Int
    var size: Int
  }

  private let path: String
  private let data: Data
  private let entries: [String: Entry]

  /// Opens an archive and reads its directory.
  init(path: String, hint: String) throws {
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped) else {
      throw TextError.missingFile(path: path, hint: hint)
    }
    self.path = path
    self.data = data
    entries = try Self.directory(data, path)
  }

  /// The array of a name, without the `.npy` of its member.
  func array(_ name: String) throws -> Member {
    guard let entry = entries[name + ".npy"] else {
      throw TextError.damagedFile(path: path, reason: "it has no array \(name)")
    }
    return try Self.parsed(try inflated(entry, name), name, path)
  }

  /// An array of 32-bit numbers of a known shape.
  func floats(_ name: String, shape: [Int]) throws -> [Float] {
    let member = try array(name)
    try expect(member, name, type: "<f4", shape: shape)
    guard member.bytes.count == shape.reduce(4, *) else {
      throw TextError.damagedFile(path: path, reason: "the array \(name) is not whole")
    }
    return [Float](unsafeUninitializedCapacity: member.bytes.count / 4) { buffer, count in
      member.bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(buffer).copyMemory(from: $0) }
      count = member.bytes.count / 4
    }
  }

  /// An array of bytes of a known shape.
  func bytes(_ name: String, shape: [Int]) throws -> [UInt8] {
    let member = try array(name)
    try expect(member, name, type: "|u1", shape: shape)
    guard member.bytes.count == shape.reduce(1, *) else {
      throw TextError.damagedFile(path: path, reason: "the array \(name) is not whole")
    }
    return member.bytes
  }

  /// A single number of 64 bits.
  func double(_ name: String) throws -> Double {
    let member = try array(name)
    try expect(member, name, type: "<f8", shape: [])
    guard member.bytes.count == 8 else {
      throw TextError.damagedFile(path: path, reason: "the array \(name) is not one number")
    }
    return Double(bitPattern: member.bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) })
  }

  private func expect(_ member: Member, _ name: String, type: String, shape: [Int]) throws {
    guard member.type == type, member.shape == shape else {
      throw TextError.damagedFile(
        path: path,
        reason: "the array \(name) is \(member.type) \(member.shape) where \(type) \(shape) is expected")
    }
  }

  private func inflated(_ entry: Entry, _ name: String) throws -> [UInt8] {
    let damaged = TextError.damagedFile(path: path, reason: "the array \(name) cannot be unpacked")
    // The local header repeats the name and has an extra field of its own length.
    guard entry.offset + 30 <= data.count else { throw damaged }
    let start = entry.offset + 30 + data.integer(entry.offset + 26, 2) + data.integer(entry.offset + 28, 2)
    guard start + entry.packed <= data.count else { throw damaged }
    return try data.withUnsafeBytes { all in
      let packed = UnsafeRawBufferPointer(rebasing: all[start..<start + entry.packed])
      if entry.method == 0, entry.packed == entry.size { return [UInt8](packed) }
      guard entry.method == 8, let output = Self.inflate(packed, size: entry.size) else { throw damaged }
      return output
    }
  }

  private static func inflate(_ packed: UnsafeRawBufferPointer, size: Int) -> [UInt8]? {
    var stream = z_stream()
    guard inflateInit2_(&stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      return nil
    }
    defer { inflateEnd(&stream) }
    var code = Z_OK
    let output = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      stream.next_in = UnsafeMutablePointer(mutating: packed.bindMemory(to: UInt8.self).baseAddress)
      stream.avail_in = UInt32(packed.count)
      stream.next_out = buffer.baseAddress
      stream.avail_out = UInt32(size)
      code = CZlib.inflate(&stream, Z_FINISH)
      count = size - Int(stream.avail_out)
    }
    return code == Z_STREAM_END && output.count == size ? output : nil
  }

  /// The members by name, from the directory at the archive's end.
  private static func directory(_ data: Data, _ path: String) throws -> [String: Entry] {
    let damaged = TextError.damagedFile(path: path, reason: "it is not a zip archive")
    let signature = Data([0x50, 0x4B, 0x05, 0x06])
    guard let end = data.range(of: signature, options: .backwards)?.lowerBound, end + 22 <= data.count
    else { throw damaged }
    var position = data.integer(end + 16, 4)
    var entries: [String: Entry] = [:]
    for _ in 0..<data.integer(end + 10, 2) {
      guard position + 46 <= data.count, data.integer(position, 4) == 0x0201_4B50 else { throw damaged }
      let length = data.integer(position + 28, 2)
      guard position + 46 + length <= data.count else { throw damaged }
      let name = String(decoding: data[position + 46..<position + 46 + length], as: UTF8.self)
      entries[name] = Entry(
        method: data.integer(position + 10, 2), offset: data.integer(position + 42, 4),
        packed: data.integer(position + 20, 4), size: data.integer(position + 24, 4))
      position += 46 + length + data.integer(position + 30, 2) + data.integer(position + 32, 2)
    }
    return entries
  }

  /// Takes a member apart: a magic number, a header that is a Python literal, the numbers.
  private static func parsed(_ bytes: consuming [UInt8], _ name: String, _ path: String) throws -> Member {
    let damaged = TextError.damagedFile(path: path, reason: "the array \(name) is not in the form npy")
    guard bytes.count >= 10, bytes.starts(with: [0x93] + Array("NUMPY".utf8)) else { throw damaged }
    let start = bytes[6] == 1 ? 10 : 12
    let length = Int(bytes[8]) | Int(bytes[9]) << 8
    guard start + length <= bytes.count else { throw damaged }
    let header = String(decoding: bytes[start..<start + length], as: UTF8.self)
    let quoted = header.split(separator: "'", omittingEmptySubsequences: false)
    guard header.contains("'fortran_order': False"), let key = quoted.firstIndex(of: "descr"),
      key + 2 < quoted.count, let open = header.firstIndex(of: "("), let close = header.firstIndex(of: ")")
    else { throw damaged }
    let shape = header[header.index(after: open)..<close].split(separator: ",").compactMap {
      Int($0.trimmingCharacters(in: .whitespaces))
    }
    var numbers = bytes
    numbers.removeFirst(start + length)
    return Member(type: String(quoted[key + 2]), shape: shape, bytes: numbers)
  }
}

extension Data {
  /// A little-endian whole number of `count` bytes; the caller has checked that they are there.
  fileprivate func integer(_ offset: Int, _ count: Int) -> Int {
    var value = 0
    for index in 0..<count { value |= Int(self[startIndex + offset + index]) << (8 * index) }
    return value
  }
}
