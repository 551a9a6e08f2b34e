import Foundation
import MathKernels

/// The weights of the sentence encoder, as they are stored: the table of pieces in 8 bits, the rest in 32.
struct EncoderWeights: Sendable {
  /// A filter bank over windows of pieces: how wide, and how far it reaches back.
  struct Branch: Sendable {
    let width: Int
    let back: Int
    var projection: [Float]
    var projectionBias: [Float]
    var gain: [Float]
    var shift: [Float]
    /// One matrix for each place in the window.
    var first: [[Float]]
    var firstBias: [Float]
    var second: [[Float]]
    var secondBias: [Float]
  }

  static let size = 512
  static let filters = 256
  static let hidden = 320
  /// The parts that the table of pieces is divided into; a piece lies in part (number mod parts).
  static let parts = 17
  static let features = size + 3 * filters

  /// How many pieces the table has.
  let pieces: Int
  var table: [[UInt8]]
  var scale: [Float]
  var low: [Float]
  var branches: [Branch]
  var gain: [Float]
  var shift: [Float]
  var output: [Float]
  var outputBias: [Float]
  var dense: [[Float]]
  var shortcuts: [[Float]]
  var epsilon: Float

  /// Reads the weights, the parts of the table on all cores.
  init(_ archive: NumpyArchive) throws {
    let (size, hidden, features) = (Self.size, Self.hidden, Self.features)
    let rows = try archive.array("q1").shape.first ?? 0
    pieces = rows * Self.parts
    table = try parallelBlocks(Self.parts, blockSize: 1) { block in
      try archive.bytes("q\(block.lowerBound + 1)", shape: [rows, size])
    }
    scale = try archive.floats("scale", shape: [Self.parts])
    low = try archive.floats("lo", shape: [Self.parts])
    branches = try [(2, 0), (3, 1), (5, 2)].map { try Self.branch(archive, width: $0, back: $1) }
    gain = try archive.floats("ln_g", shape: [features])
    shift = try archive.floats("ln_b", shape: [features])
    output = try archive.floats("cnn_W", shape: [features, size])
    outputBias = try archive.floats("cnn_b", shape: [size])
    let shapes = [[size, hidden], [hidden, hidden], [hidden, size], [size, size]]
    dense = try shapes.indices.map { try archive.floats("d\($0)", shape: shapes[$0]) }
    shortcuts = try [
      archive.floats("p1", shape: [size, hidden]), archive.floats("p3", shape: [hidden, size]),
    ]
    epsilon = Float(try archive.double("eps"))
  }

  private static func branch(_ archive: NumpyArchive, width: Int, back: Int) throws -> Branch {
    func taps(_ name: String) throws -> [[Float]] {
      let all = try archive.floats(name, shape: [width * filters, filters])
      return (0..<width).map { Array(all[$0 * filters * filters..<($0 + 1) * filters * filters]) }
    }
    return try Branch(
      width: width, back: back, projection: archive.floats("proj\(width)", shape: [size, filters]),
      projectionBias: archive.floats("proj_b\(width)", shape: [filters]),
      gain: archive.floats("ln_g\(width)", shape: [filters]),
      shift: archive.floats("ln_b\(width)", shape: [filters]), first: taps("w1_\(width)"),
      firstBias: archive.floats("b1_\(width)", shape: [filters]), second: taps("w2_\(width)"),
      secondBias: archive.floats("b2_\(width)", shape: [filters]))
  }
}

/// A block of memory for numbers, freed when nobody holds it; for one thread.
private final class Scratch {
  let start: UnsafeMutablePointer<Float>

  init(_ count: Int) {
    start = .allocate(capacity: max(count, 1))
    start.initialize(repeating: 0, count: max(count, 1))
  }

  deinit { start.deallocate() }
}

/// The encoder's forward pass: embeddings of pieces, three banks of convolutions over windows of 2, 3 and 5 pieces, a sum
/// over the sentence, and a few dense layers with shortcuts.
///
/// Two facts make it fast. What the first convolution does to a piece depends on the piece alone, so it is computed once
/// for each distinct piece of a batch and only added up per window. And sentences of equal length are laid out place by
/// place, so that the second convolution is one product of matrices per place in the window, without copies or padding.
struct EncoderNetwork: Sendable {
  let weights: EncoderWeights

  private static let size = EncoderWeights.size
  private static let filters = EncoderWeights.filters
  private static let banks = 3 * EncoderWeights.filters
  private static let features = EncoderWeights.features
  /// Numbers of the first convolution per piece: ten places in windows.
  private static let taps = 10 * EncoderWeights.filters

  /// One unit vector for each sentence, which is a list of numbers of pieces.
  func vectors(of sentences: [[Int32]]) -> [Float] {
    let table = PieceTable(weights, of: sentences)
    let sums = Scratch(sentences.count * Self.features)
    for group in Self.groups(sentences) {
      addUp(sentences, group, table, into: sums.start)
    }
    return dense(sums.start, lengths: sentences.map { Float($0.count) })
  }

  /// Groups of sentences of equal length, of about a thousand pieces at most, in order of length.
  private static func groups(_ sentences: [[Int32]]) -> [[Int]] {
    var groups: [[Int]] = []
    for index in sentences.indices.sorted(by: { (sentences[$0].count, $0) < (sentences[$1].count, $1) }) {
      let length = sentences[index].count
      if let last = groups.last, sentences[last[0]].count == length, (last.count + 1) * length <= 1024 {
        groups[groups.count - 1].append(index)
      } else {
        groups.append([index])
      }
    }
    return groups
  }

  /// What depends on a piece alone, for each distinct piece of a batch.
  private struct PieceTable {
    var rowOf: [Int32: Int] = [:]
    /// The piece's embedding.
    let embedding: Scratch
    /// Its normalized projections for the three banks.
    let projected: Scratch
    /// What it adds to the first convolution at each place of each bank's window.
    let tap: Scratch

    init(_ weights: EncoderWeights, of sentences: [[Int32]]) {
      var distinct: [Int32] = []
      for sentence in sentences {
        for piece in sentence where rowOf.updateValue(0, forKey: piece) == nil { distinct.append(piece) }
      }
      distinct.sort()
      for (row, piece) in distinct.enumerated() { rowOf[piece] = row }
      let count = distinct.count
      embedding = Scratch(count * EncoderNetwork.size)
      projected = Scratch(count * EncoderNetwork.banks)
      tap = Scratch(count * EncoderNetwork.taps)
      for (row, piece) in distinct.enumerated() {
        Self.decode(weights, piece, into: embedding.start + row * EncoderNetwork.size)
      }
      for (bank, branch) in weights.branches.enumerated() {
        Float.gemm(
          false, false, count, EncoderNetwork.filters, EncoderNetwork.size, 1, embedding.start,
          EncoderNetwork.size, branch.projection, EncoderNetwork.filters, 0,
          projected.start + bank * EncoderNetwork.filters, EncoderNetwork.banks)
      }
      let (bias, gain, shift) = (
        weights.branches.flatMap(\.projectionBias), weights.branches.flatMap(\.gain),
        weights.branches.flatMap(\.shift)
      )
      for row in 0..<count {
        let target = projected.start + row * EncoderNetwork.banks
        Vectors.addProduct(1, bias, to: target, EncoderNetwork.banks)
        // One normalization for the three banks together.
        let (mean, deviation) = EncoderNetwork.moments(target, EncoderNetwork.banks, weights.epsilon)
        for index in 0..<EncoderNetwork.banks {
          target[index] = (target[index] - mean) * deviation * gain[index] + shift[index]
        }
      }
      var firstTap = 0
      for (bank, branch) in weights.branches.enumerated() {
        let target = projected.start + bank * EncoderNetwork.filters
        for matrix in branch.first {
          Float.gemm(
            false, false, count, EncoderNetwork.filters, EncoderNetwork.filters, 1, target,
            EncoderNetwork.banks, matrix, EncoderNetwork.filters, 0,
            tap.start + firstTap * EncoderNetwork.filters, EncoderNetwork.taps)
          firstTap += 1
        }
      }
    }

    private static func decode(
      _ weights: EncoderWeights, _ piece: Int32, into target: UnsafeMutablePointer<Float>
    ) {
      let part = Int(piece) % EncoderWeights.parts
      let (scale, low) = (weights.scale[part], weights.low[part])
      let start = Int(piece) / EncoderWeights.parts * EncoderNetwork.size
      weights.table[part].withUnsafeBufferPointer { bytes in
        for index in 0..<EncoderNetwork.size {
          target[index] = Float(bytes[start + index]) * scale + low
        }
      }
    }
  }

  /// The mean, and one over the standard deviation.
  private static func moments(_ row: UnsafePointer<Float>, _ count: Int, _ epsilon: Float) -> (Float, Float) {
    var sums = SIMD8<Float>.zero
    let lanes = UnsafeRawPointer(row)
    for index in stride(from: 0, to: count, by: 8) {
      sums += lanes.loadUnaligned(fromByteOffset: index * 4, as: SIMD8<Float>.self)
    }
    let mean = sums.sum() / Float(count)
    var squares = SIMD8<Float>.zero
    for index in stride(from: 0, to: count, by: 8) {
      let distance = lanes.loadUnaligned(fromByteOffset: index * 4, as: SIMD8<Float>.self) - mean
      squares.addProduct(distance, distance)
    }
    return (mean, 1 / (squares.sum() / Float(count) + epsilon).squareRoot())
  }

  /// Runs the convolutions over sentences of one length and adds up their normalized features.
  private func addUp(
    _ sentences: [[Int32]], _ group: [Int], _ table: PieceTable, into sums: UnsafeMutablePointer<Float>
  ) {
    let (length, width) = (sentences[group[0]].count, group.count)
    // Row p · width + s is place p of sentence s.
    var rows = [Int](repeating: 0, count: length * width)
    for (column, sentence) in group.enumerated() {
      for place in 0..<length { rows[place * width + column] = table.rowOf[sentences[sentence][place]] ?? 0 }
    }
    let (hidden, result) = (Scratch(rows.count * Self.banks), Scratch(rows.count * Self.banks))
    var firstTap = 0
    for (bank, branch) in weights.branches.enumerated() {
      let column = bank * Self.filters
      firstLayer(rows, length, width, branch, firstTap, column, table, hidden.start)
      for (tap, matrix) in branch.second.enumerated() {
        let offset = tap - branch.back
        let count = (length - abs(offset)) * width
        guard count > 0 else { continue }
        Float.gemm(
          false, false, count, Self.filters, Self.filters, 1,
          hidden.start + max(0, offset) * width * Self.banks + column, Self.banks, matrix, Self.filters, 1,
          result.start + max(0, -offset) * width * Self.banks + column, Self.banks)
      }
      firstTap += branch.width
    }
    let biases = weights.branches.flatMap(\.secondBias)
    let features = Scratch(Self.features)
    let means = Scratch(width)
    for (row, piece) in rows.enumerated() {
      features.start.update(from: table.embedding.start + piece * Self.size, count: Self.size)
      let target = features.start + Self.size
      let (convolved, before) = (result.start + row * Self.banks, hidden.start + row * Self.banks)
      biases.withUnsafeBufferPointer { biases in
        for index in 0..<Self.banks {
          target[index] = max(convolved[index] + biases[index], 0) + before[index]
        }
      }
      let (mean, deviation) = Self.moments(features.start, Self.features, weights.epsilon)
      means.start[row % width] += mean * deviation
      Vectors.addProduct(
        deviation, features.start, to: sums + group[row % width] * Self.features, Self.features)
    }
    for (column, sentence) in group.enumerated() {
      let sum = sums + sentence * Self.features
      for index in 0..<Self.features {
        sum[index] =
          (sum[index] - means.start[column]) * weights.gain[index]
          + Float(length) * weights.shift[index]
      }
    }
  }

  /// The first convolution of one bank, added up from what the pieces do at each place of the window.
  private func firstLayer(
    _ rows: [Int], _ length: Int, _ width: Int, _ branch: EncoderWeights.Branch, _ firstTap: Int,
    _ column: Int, _ table: PieceTable, _ hidden: UnsafeMutablePointer<Float>
  ) {
    for place in 0..<length {
      for row in place * width..<(place + 1) * width {
        let target = hidden + row * Self.banks + column
        target.update(from: branch.firstBias, count: Self.filters)
        for tap in 0..<branch.width where (0..<length).contains(place + tap - branch.back) {
          let source =
            table.tap.start + rows[row + (tap - branch.back) * width] * Self.taps
            + (firstTap + tap) * Self.filters
          Vectors.addProduct(1, source, to: target, Self.filters)
        }
        let before = table.projected.start + rows[row] * Self.banks + column
        for index in 0..<Self.filters { target[index] = max(target[index], 0) + before[index] }
      }
    }
  }

  /// The layers after the sum over a sentence's pieces; the result has unit length.
  private func dense(_ sums: UnsafePointer<Float>, lengths: [Float]) -> [Float] {
    let (count, size, hidden) = (lengths.count, Self.size, EncoderWeights.hidden)
    func layer(
      _ input: UnsafePointer<Float>, _ inputs: Int, _ matrix: [Float], _ outputs: Int, _ into: Scratch
    ) {
      Float.gemm(
        false, false, count, outputs, inputs, 1, input, inputs, matrix, outputs, 1, into.start, outputs)
    }
    func rectify(_ values: Scratch, _ width: Int) {
      for index in 0..<count * width { values.start[index] = max(values.start[index], 0) }
    }
    let mean = Scratch(count * size)
    layer(sums, Self.features, weights.output, size, mean)
    for row in 0..<count {
      let target = mean.start + row * size
      for index in 0..<size {
        target[index] = (target[index] + lengths[row] * weights.outputBias[index]) / lengths[row].squareRoot()
      }
    }
    let (y0, y1, y2, z) = (
      Scratch(count * hidden), Scratch(count * hidden), Scratch(count * size), Scratch(count * size)
    )
    layer(mean.start, size, weights.dense[0], hidden, y0)
    rectify(y0, hidden)
    layer(mean.start, size, weights.shortcuts[0], hidden, y1)
    layer(y0.start, hidden, weights.dense[1], hidden, y1)
    rectify(y1, hidden)
    layer(y1.start, hidden, weights.dense[2], size, y2)
    rectify(y2, size)
    layer(y1.start, hidden, weights.shortcuts[1], size, z)
    layer(y2.start, size, weights.dense[3], size, z)
    return Self.squashed(z, count, weights.epsilon)
  }

  /// The hyperbolic tangent of each number, then rows of unit length.
  private static func squashed(_ values: Scratch, _ count: Int, _ epsilon: Float) -> [Float] {
    var result = [Float](repeating: 0, count: count * size)
    for row in 0..<count {
      var squares: Float = 0
      for index in row * size..<(row + 1) * size {
        result[index] = tanh(values.start[index])
        squares += result[index] * result[index]
      }
      let factor = 1 / max(squares, epsilon).squareRoot()
      for index in row * size..<(row + 1) * size { result[index] *= factor }
    }
    return result
  }
}
