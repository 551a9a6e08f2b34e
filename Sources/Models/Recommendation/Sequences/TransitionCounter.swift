import Foundation
import MathKernels

/// Adds up the transitions of all sequences into compressed rows.
///
/// A row is made from the places where its item occurs: the neighbours within the window of each place are added to a dense
/// array, and a bitmap in two levels remembers which of its entries to take out, in ascending order and without sorting. Rows
/// need nothing of each other, so blocks of them are made on all cores and joined in order.
struct TransitionCounter: Sendable {
  private let window: Int
  private let forward: [Float]
  private let backward: [Float]
  private let sequences: PositiveSequences
  private let items: Int

  init(_ configuration: DecayedTransitions.Configuration, _ sequences: PositiveSequences, items: Int) {
    window = configuration.window
    forward = (0..<window).map { Float(pow(configuration.distanceDecay, Double($0))) }
    backward = forward.map { $0 * Float(configuration.backwardWeight) }
    self.sequences = sequences
    self.items = items
  }

  func counted() -> SparseMatrix {
    let occurrences = Occurrences(sequences, items: items)
    let blocks = parallelBlocks(items, blockSize: 2048) { rows($0, occurrences) }
    var starts = [0]
    starts.reserveCapacity(items + 1)
    var columns: [Int32] = []
    var values: [Float] = []
    let total = blocks.reduce(0) { $0 + $1.columns.count }
    columns.reserveCapacity(total)
    values.reserveCapacity(total)
    for block in blocks {
      let base = columns.count
      columns.append(contentsOf: block.columns)
      values.append(contentsOf: block.values)
      for end in block.ends { starts.append(base + end) }
    }
    return SparseMatrix(
      rows: items, columns: items, rowStarts: starts, columnIndices: columns, values: values)
  }

  /// Where each item occurs, and how far the sequence reaches on both sides of each place.
  private struct Occurrences: Sendable {
    var starts: [Int]
    var places: [Int32]
    var sequenceStart: [Int32]
    var sequenceEnd: [Int32]

    init(_ sequences: PositiveSequences, items: Int) {
      starts = [Int](repeating: 0, count: items + 1)
      for item in sequences.items { starts[Int(item) + 1] += 1 }
      for index in 0..<items { starts[index + 1] += starts[index] }
      var next = starts
      places = [Int32](repeating: 0, count: sequences.items.count)
      sequenceStart = places
      sequenceEnd = places
      for user in 0..<sequences.starts.count - 1 {
        let (start, end) = (sequences.starts[user], sequences.starts[user + 1])
        for place in start..<end {
          let slot = next[Int(sequences.items[place])]
          next[Int(sequences.items[place])] += 1
          places[slot] = Int32(place)
          sequenceStart[slot] = Int32(start)
          sequenceEnd[slot] = Int32(end)
        }
      }
    }
  }

  private struct Rows: Sendable {
    var columns: [Int32] = []
    var values: [Float] = []
    var ends: [Int] = []
  }

  private func rows(_ block: Range<Int>, _ occurrences: Occurrences) -> Rows {
    var rows = Rows()
    let sums = DenseRow(width: items)
    let slots = occurrences.starts[block.upperBound] - occurrences.starts[block.lowerBound]
    rows.columns.reserveCapacity(slots * window)
    rows.values.reserveCapacity(slots * window)
    sequences.items.withUnsafeBufferPointer { items in
      forward.withUnsafeBufferPointer { forward in
        backward.withUnsafeBufferPointer { backward in
          for row in block {
            for slot in occurrences.starts[row]..<occurrences.starts[row + 1] {
              let place = Int(occurrences.places[slot])
              let ahead = min(window, Int(occurrences.sequenceEnd[slot]) - 1 - place)
              let behind = min(window, place - Int(occurrences.sequenceStart[slot]))
              for step in 0..<ahead { sums.add(forward[step], at: Int(items[place + 1 + step])) }
              for step in 0..<behind { sums.add(backward[step], at: Int(items[place - 1 - step])) }
            }
            sums.drain(&rows.columns, &rows.values)
            rows.ends.append(rows.columns.count)
          }
        }
      }
    }
    sums.deallocate()
    return rows
  }
}

/// A dense row that knows which of its entries are set.
private struct DenseRow {
  private let sums: UnsafeMutablePointer<Float>
  private let words: UnsafeMutablePointer<UInt64>
  private let summary: UnsafeMutablePointer<UInt64>
  private let summaryCount: Int

  init(width: Int) {
    let wordCount = width / 64 + 1
    summaryCount = wordCount / 64 + 1
    sums = .allocate(capacity: width)
    words = .allocate(capacity: wordCount)
    summary = .allocate(capacity: summaryCount)
    sums.initialize(repeating: 0, count: width)
    words.initialize(repeating: 0, count: wordCount)
    summary.initialize(repeating: 0, count: summaryCount)
  }

  func deallocate() {
    sums.deallocate()
    words.deallocate()
    summary.deallocate()
  }

  @inline(__always)
  func add(_ value: Float, at index: Int) {
    sums[index] += value
    words[index >> 6] |= 1 << UInt64(index & 63)
    summary[index >> 12] |= 1 << UInt64((index >> 6) & 63)
  }

  /// Takes out the positive entries in ascending order and clears the row.
  @inline(__always)
  func drain(_ columns: inout [Int32], _ values: inout [Float]) {
    for top in 0..<summaryCount {
      var marked = summary[top]
      summary[top] = 0
      while marked != 0 {
        let word = top << 6 | marked.trailingZeroBitCount
        marked &= marked - 1
        var bits = words[word]
        words[word] = 0
        while bits != 0 {
          let index = word << 6 | bits.trailingZeroBitCount
          bits &= bits - 1
          let sum = sums[index]
          sums[index] = 0
          // Decays of zero leave entries that say nothing.
          if sum > 0 {
            columns.append(Int32(index))
            values.append(sum)
          }
        }
      }
    }
  }
}
