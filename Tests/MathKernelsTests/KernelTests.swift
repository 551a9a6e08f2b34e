import MathKernels
import Testing

@Suite struct KernelTests {
  static func random(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix<Double> {
    var random = RandomSource(seed: seed)
    return Matrix(rows: rows, columns: columns, (0..<rows * columns).map { _ in random.normal() })
  }

  @Test func productsOfTransposesAgreeWithTheDefinition() {
    let a = Matrix<Float>(rows: 2, columns: 3, [1, 2, 3, 4, 5, 6])
    let b = Matrix<Float>(rows: 2, columns: 2, [1, 0, 2, 1])
    #expect(a.multiplied(by: b, transposingSelf: true).elements == [9, 4, 12, 5, 15, 6])
    #expect(b.multiplied(by: a).elements == [1, 2, 3, 6, 9, 12])
    #expect(b.multiplied(by: a.transposed(), transposingOther: true).elements == [1, 2, 3, 6, 9, 12])
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func gramSolveAndInverseAgree(seed: UInt64) throws {
    let tall = Self.random(3000, 7, seed: seed)
    let gram = tall.gram()
    let product = tall.multiplied(by: tall, transposingSelf: true)
    #expect(zip(gram.elements, product.elements).allSatisfy { abs($0 - $1) < 1e-8 })
    let inverse = try gram.inverseOfSymmetricPositiveDefinite()
    let unit = gram.multiplied(by: inverse)
    #expect(zip(unit.elements, Matrix<Double>.identity(7).elements).allSatisfy { abs($0 - $1) < 1e-10 })
    let solution = try gram.solvingSymmetricPositiveDefinite([1, 0, 0, 0, 0, 0, 0])
    #expect(zip(solution, inverse.row(0)).allSatisfy { abs($0 - $1) < 1e-12 })
  }

  @Test func aMatrixThatIsNotPositiveDefiniteIsAnError() {
    let matrix = Matrix<Double>(rows: 2, columns: 2, [1, 2, 2, 1])
    #expect(throws: MathError.notPositiveDefinite(order: 2)) {
      try matrix.inverseOfSymmetricPositiveDefinite()
    }
    #expect(throws: MathError.self) { try matrix.solvingSymmetricPositiveDefinite([1]) }
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func sparseMatricesTurnTwiceIntoThemselves(seed: UInt64) {
    var random = RandomSource(seed: seed)
    let entries = (0..<500).map { _ in
      (Int32(random.index(below: 40)), Int32(random.index(below: 60)), Float(1))
    }
    let matrix = SparseMatrix(
      rows: 40, columns: 60, rowIndices: entries.map(\.0), columnIndices: entries.map(\.1),
      values: entries.map(\.2))
    #expect(matrix.values.reduce(0, +) == 500)
    #expect(matrix.transposed().transposed() == matrix)
    #expect((0..<40).allSatisfy { Array(matrix.row($0).columns) == matrix.row($0).columns.sorted() })
  }

  @Test(arguments: [UInt64(1), 2])
  func nearestRowsAgreeWithDenseCosine(seed: UInt64) {
    var random = RandomSource(seed: seed)
    let dense = (0..<30 * 20).map { _ in random.uniform() < 0.2 ? Float(1 + random.index(below: 3)) : 0 }
    let filled = dense.indices.filter { dense[$0] != 0 }
    let matrix = SparseMatrix(
      rows: 30, columns: 20, rowIndices: filled.map { Int32($0 / 20) },
      columnIndices: filled.map { Int32($0 % 20) },
      values: filled.map { dense[$0] })
    let nearest = matrix.nearestRows(5, normalized: true, shrink: 2)
    func product(_ i: Int, _ j: Int) -> Float {
      (0..<20).reduce(Float(0)) { $0 + dense[i * 20 + $1] * dense[j * 20 + $1] }
    }
    for row in 0..<30 {
      let similarities = (0..<30).filter { $0 != row }.map { other in
        product(row, other) / ((product(row, row) * product(other, other)).squareRoot() + 2)
      }.filter { $0 > 0 }.sorted(by: >)
      let found = nearest.row(row).values.sorted(by: >)
      #expect(found.count == min(5, similarities.count))
      #expect(zip(found, similarities).allSatisfy { abs($0 - $1) < 1e-5 })
    }
  }

  @Test func blocksMergeTheSameOnOneCoreAndOnAll() {
    let values = Self.random(1, 10_000, seed: 5).elements
    let body: @Sendable (Range<Int>) -> Double = { $0.reduce(0) { $0 + values[$1] } }
    let parallel = parallelBlocks(values.count, blockSize: 137, body)
    #expect(parallel == parallelBlocks(values.count, blockSize: 137, serially: true, body))
    #expect(parallel.count == 73)
    #expect(parallelBlocks(0, blockSize: 10, body).isEmpty)
  }

  @Test func theFirstBlockThatThrowsDecidesTheError() {
    #expect(throws: MathError.notPositiveDefinite(order: 30)) {
      _ = try parallelBlocks(100, blockSize: 10) { block in
        if block.lowerBound >= 30 { throw MathError.notPositiveDefinite(order: block.lowerBound) }
      }
    }
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func theBestAreThoseOfAFullSort(seed: UInt64) {
    var random = RandomSource(seed: seed)
    let scores = (0..<1000).map { _ in Float(random.index(below: 50)) }
    let expected = scores.indices.sorted { (-scores[$0], $0) < (-scores[$1], $1) }.prefix(37).map(Int32.init)
    let found = scores.withUnsafeBufferPointer { TopK.select(37, of: $0) }
    #expect(found.map(\.index) == expected)
  }

  @Test(arguments: [1, 15, 40, 5000])
  func theBestOfManyAreThoseOfAFullSortWhateverLiesBetween(count: Int) {
    var random = RandomSource(seed: UInt64(count))
    let scores = (0..<2050).map { index in
      index % 7 == 0 ? Float.nan : index % 3 == 0 ? -.infinity : Float(random.index(below: 300)) - 100
    }
    let expected = scores.indices.filter { scores[$0] > -.infinity }
      .sorted { (-scores[$0], $0) < (-scores[$1], $1) }.prefix(count).map(Int32.init)
    let found = scores.withUnsafeBufferPointer { TopK.select(count, of: $0) }
    #expect(found.map(\.index) == expected)
  }

  @Test func theBestLeaveOutWhatIsNotANumber() {
    let scores: [Float] = [.nan, 1, -.infinity, 2]
    #expect(scores.withUnsafeBufferPointer { TopK.select(10, of: $0) }.map(\.index) == [3, 1])
    #expect(scores.withUnsafeBufferPointer { TopK.select(0, of: $0) }.isEmpty)
  }

  @Test func randomNumbersAreThoseOfTheReferenceImplementation() {
    // SplitMix64 from seed 0 gives e220a8397b1dcdaf, 6e789e6aa1b965f4, 06c45d188009454f, f88bb8a8724c81ec; xoshiro256**'s
    // first output from that state is rotl(s1 · 5, 7) · 9.
    var random = RandomSource(seed: 0)
    let product = UInt64(0x6e78_9e6a_a1b9_65f4) &* 5
    #expect(random.next() == ((product << 7) | (product >> 57)) &* 9)
  }

  @Test func randomNumbersHaveTheRightMoments() {
    var random = RandomSource(seed: 9)
    let normals = (0..<20_000).map { _ in random.normal() }
    #expect(abs(Statistics.mean(normals)) < 0.03)
    #expect(abs(Statistics.variance(normals) - 1) < 0.05)
    let indices = (0..<20_000).map { _ in Double(random.index(below: 10)) }
    #expect(indices.allSatisfy { (0..<10).contains($0) })
    #expect(abs(Statistics.mean(indices) - 4.5) < 0.1)
    var other = RandomSource(seed: 9, stream: 1)
    var same = RandomSource(seed: 9)
    #expect(other.next() != same.next())
  }
}

@Suite struct SpectrumTests {
  @Test(arguments: [UInt64(1), 2, 3])
  func spectralCoordinatesGiveBackAMatrixOfLowRank(seed: UInt64) throws {
    var random = RandomSource(seed: seed)
    let (count, rank) = (40, 3)
    let factors = Matrix<Float>(
      rows: count, columns: rank, (0..<count * rank).map { _ in Float(random.normal()) })
    let full = factors.multiplied(by: factors, transposingOther: true)
    let sparse = SparseMatrix(
      rows: count, columns: count, rowIndices: (0..<Int32(count * count)).map { $0 / Int32(count) },
      columnIndices: (0..<Int32(count * count)).map { $0 % Int32(count) }, values: full.elements)
    let found = try sparse.spectralCoordinates(rank, seed: seed)
    let again = found.multiplied(by: found, transposingOther: true)
    #expect(zip(again.elements, full.elements).allSatisfy { abs($0 - $1) < 1e-3 * max(1, abs($1)) })
    #expect(try sparse.spectralCoordinates(rank, seed: seed) == found)
    let wide = try sparse.spectralCoordinates(50, seed: seed)
    #expect(wide.columns == 50 && wide.elements.allSatisfy(\.isFinite))
  }

  @Test func spectraOfMatricesThatAreNotSquareAreRefused() {
    let matrix = SparseMatrix(rows: 2, columns: 3, rowIndices: [0], columnIndices: [2], values: [1])
    #expect(throws: MathError.self) { try matrix.spectralCoordinates(1, seed: 1) }
  }
}

@Suite struct VectorSpanTests {
  @Test(arguments: [0, 1, 7, 8, 9, 16, 33])
  func theSpanLeavesMinusInfinityOutAndRescalingLeavesItAlone(count: Int) {
    var numbers = (0..<count).map { $0 % 3 == 1 ? -Float.infinity : Float($0 * 7 % 11) - 4 }
    let finite = numbers.filter { $0 > -.infinity }
    let span = numbers.withUnsafeBufferPointer { numbers in
      numbers.baseAddress.map { Vectors.span($0, count) } ?? (.infinity, -.infinity)
    }
    #expect(span.low == finite.min() ?? .infinity && span.high == finite.max() ?? -.infinity)
    let factors = (0..<count).map { $0 % 4 == 0 ? 0 : Float($0) / 3 }
    let expected = zip(numbers, factors).map { $0 > -.infinity ? ($0 + 4) * 0.5 * $1 : $0 }
    numbers.withUnsafeMutableBufferPointer { numbers in
      factors.withUnsafeBufferPointer { factors in
        guard let first = numbers.baseAddress, let factor = factors.baseAddress else { return }
        Vectors.rescale(first, shift: 4, scale: 0.5, factors: factor, count)
      }
    }
    #expect(numbers == expected)
  }
}
