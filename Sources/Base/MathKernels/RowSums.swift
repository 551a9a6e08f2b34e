/// A dense row of sums that remembers which of its entries were added to, and picks the largest: the inside of sparse products.
///
/// One is made for each block of rows and used again for each row. All memory is its own; call `deallocate` at the end.
struct RowSums {
  private let width: Int
  private let sums: UnsafeMutablePointer<Float>
  private let isTouched: UnsafeMutablePointer<UInt8>
  private let touched: UnsafeMutablePointer<Int32>
  private let keys: UnsafeMutablePointer<UInt64>
  private var count = 0
  private var isDense = false

  init(width: Int) {
    self.width = width
    sums = .allocate(capacity: width + 1)
    isTouched = .allocate(capacity: width + 1)
    // One place more, since the place after the last is written before it is known whether it counts.
    touched = .allocate(capacity: width + 1)
    keys = .allocate(capacity: width + 1)
    sums.initialize(repeating: 0, count: width + 1)
    isTouched.initialize(repeating: 0, count: width + 1)
    touched.initialize(repeating: 0, count: width + 1)
    keys.initialize(repeating: 0, count: width + 1)
  }

  func deallocate() {
    sums.deallocate()
    isTouched.deallocate()
    touched.deallocate()
    keys.deallocate()
  }

  /// Adds `factor` times a sparse row.
  @inline(__always)
  mutating func add(
    _ factor: Float, _ columns: UnsafePointer<Int32>, _ values: UnsafePointer<Float>, _ length: Int
  ) {
    var count = count
    for entry in 0..<length {
      let column = Int(columns[entry])
      touched[count] = columns[entry]
      count += Int(1 - isTouched[column])
      isTouched[column] = 1
      sums[column] += factor * values[entry]
    }
    self.count = count
  }

  /// The same without remembering what was added to: quicker where nearly all is.
  @inline(__always)
  mutating func addDensely(
    _ factor: Float, _ columns: UnsafePointer<Int32>, _ values: UnsafePointer<Float>, _ length: Int
  ) {
    isDense = true
    for entry in 0..<length { sums[Int(columns[entry])] += factor * values[entry] }
  }

  /// Takes out the `limit` best entries by `score`, in ascending order of column, and clears the row.
  ///
  /// Scores of zero or less are left out; among equals the lower column is better.
  @inline(__always)
  mutating func drain(
    _ limit: Int, columns: inout [Int32], values: inout [Float], score: (Int, Float) -> Float
  ) {
    // Sorting few columns is cheaper than passing over all of them, many the other way around.
    let isDense = isDense || count * 8 > width
    if !isDense {
      var list = UnsafeMutableBufferPointer(start: touched, count: count)
      list.sort()
    }
    var found = 0
    for place in 0..<(isDense ? width : count) {
      let column = isDense ? place : Int(touched[place])
      let sum = sums[column]
      sums[column] = 0
      isTouched[column] = 0
      guard sum != 0 else { continue }
      let value = score(column, sum)
      guard value > 0 else { continue }
      // Positive Floats are ordered as their bits; the column's complement orders equals.
      keys[found] = UInt64(value.bitPattern) << 32 | UInt64(UInt32.max - UInt32(column))
      found += 1
    }
    count = 0
    self.isDense = false
    let least = found > limit ? leastKept(found, limit) : 0
    for place in 0..<found where keys[place] >= least {
      columns.append(Int32(UInt32.max - UInt32(truncatingIfNeeded: keys[place])))
      values.append(Float(bitPattern: UInt32(keys[place] >> 32)))
    }
  }

  /// The smallest of the `limit` largest keys. The keys keep their order; a copy behind them is partitioned.
  private func leastKept(_ found: Int, _ limit: Int) -> UInt64 {
    guard limit > 0 else { return .max }
    return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: found) { copy in
      _ = copy.initialize(fromContentsOf: UnsafeBufferPointer(start: keys, count: found))
      var (low, high) = (0, found - 1)
      let wanted = limit - 1
      while low < high {
        let pivot = Self.median(copy[low], copy[(low + high) / 2], copy[high])
        var (left, right) = (low, high)
        while left <= right {
          while copy[left] > pivot { left += 1 }
          while copy[right] < pivot { right -= 1 }
          if left <= right {
            copy.swapAt(left, right)
            left += 1
            right -= 1
          }
        }
        if wanted <= right { high = right } else if wanted >= left { low = left } else { break }
      }
      return copy[wanted]
    }
  }

  private static func median(_ a: UInt64, _ b: UInt64, _ c: UInt64) -> UInt64 {
    max(min(a, b), min(max(a, b), c))
  }
}

/// Rows of few entries as they are made in one block.
struct SparseBlock: Sendable {
  var columns: [Int32] = []
  var values: [Float] = []
  var ends: [Int] = []

  /// The blocks one after the other.
  static func joined(_ blocks: [SparseBlock], columns width: Int) -> SparseMatrix {
    let total = blocks.reduce(0) { $0 + $1.columns.count }
    var starts = [0]
    var columns: [Int32] = []
    var values: [Float] = []
    columns.reserveCapacity(total)
    values.reserveCapacity(total)
    for block in blocks {
      let base = columns.count
      columns.append(contentsOf: block.columns)
      values.append(contentsOf: block.values)
      for end in block.ends { starts.append(base + end) }
    }
    return SparseMatrix(
      rows: starts.count - 1, columns: width, rowStarts: starts, columnIndices: columns, values: values)
  }
}
