import Forecasting
import MathKernels
import Testing

@Suite struct ReconciliationTests {
  private static let base: [[Double]] = [
    [103, 95], [48, 50], [60, 40], [21, 20], [25, 28], [33, 19], [30, 18],
  ]

  private func tree() throws -> SummingStructure {
    try SummingStructure(paths: [
      ["All", "A", "a1"], ["All", "A", "a2"], ["All", "B", "b1"], ["All", "B", "b2"],
    ])
  }

  /// The residuals that the reference numbers were reckoned from.
  private var residuals: [[Double]] {
    (0..<7).map { i in
      (0..<12).map { t -> Double in
        let number: Int = (7 * i + 3 * t * t + 5 * i * t) % 11 - 5
        return Double(number) / (1 + Double(i) * 0.3)
      }
    }
  }

  private func expectClose(
    _ found: [[Double]], _ expected: [[Double]], within tolerance: Double = 1e-7,
    at location: SourceLocation = #_sourceLocation
  ) {
    for (a, b) in zip(found, expected) {
      for (x, y) in zip(a, b) {
        #expect(abs(x - y) < tolerance, "\(x) is not \(y)", sourceLocation: location)
      }
    }
  }

  // S·(Sᵀ·W⁻¹·S)⁻¹·Sᵀ·W⁻¹·ŷ in numpy, with the shrinkage as in R's hts.
  @Test(arguments: [
    (
      ForecastReconciliation.Method.leastSquares,
      [
        [20.9047619, 21.61904762], [24.9047619, 29.61904762], [31.23809524, 20.95238095],
        [28.23809524, 19.95238095],
      ]
    ),
    (
      .structural,
      [[21.04166667, 21.125], [25.04166667, 29.125], [31.79166667, 20.375], [28.79166667, 19.375]]
    ),
    (
      .variance,
      [
        [21.13112214, 21.54677392], [25.05650654, 28.66657576], [32.06413327, 20.01926038],
        [29.00235197, 19.08654692],
      ]
    ),
    (
      .minimumTrace,
      [
        [21.11112915, 21.56761777], [25.06212565, 28.66287005], [32.07942418, 19.98356191],
        [29.01235365, 19.08667453],
      ]
    ),
  ])
  func agreesWithNumpy(_ method: ForecastReconciliation.Method, _ bottom: [[Double]]) throws {
    let tree = try tree()
    #expect(tree.names == ["All", "All/A", "All/B", "All/A/a1", "All/A/a2", "All/B/b1", "All/B/b2"])
    let found = try ForecastReconciliation(method).reconcile(Self.base, of: tree, residuals: residuals)
    expectClose(Array(found[3...]), bottom)
    #expect(tree.incoherence(found) < 1e-9)
  }

  @Test func sharesOutAndSumsUp() throws {
    let tree = try tree()
    let up = try ForecastReconciliation(.bottomUp).reconcile(Self.base, of: tree)
    #expect(up[0] == [109, 85] && up[1] == [46, 48] && up[2] == [63, 37])
    let down = try ForecastReconciliation(.topDown).reconcile(Self.base, of: tree)
    expectClose([down[0]], [[103, 95]])
    #expect(abs(down[3][0] - 103 * 21 / 109) < 1e-9)
    let out = try ForecastReconciliation(.middleOut(level: "level 2")).reconcile(Self.base, of: tree)
    expectClose(Array(out[0...2]), [[108, 90], [48, 50], [60, 40]])
    #expect(abs(out[5][0] - 60 * 33 / 63) < 1e-9)
    #expect(tree.incoherence(down) < 1e-9 && tree.incoherence(out) < 1e-9)
  }

  @Test func whatAddsUpStaysAsItIs() throws {
    let tree = try tree()
    let coherent = try tree.aggregate(Array(Self.base[3...]))
    for method in [ForecastReconciliation.Method.leastSquares, .structural, .variance, .minimumTrace] {
      let found = try ForecastReconciliation(method).reconcile(coherent, of: tree, residuals: residuals)
      expectClose(found, coherent, within: 1e-9)
    }
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func crossedGroupsAddUpAndStayAboveZero(_ seed: UInt64) throws {
    var random = RandomSource(seed: seed)
    let stores = (0..<12).map { "s\($0 / 4)" }
    let items = (0..<12).map { "i\($0 % 4)" }
    let structure = try SummingStructure(
      bottom: zip(stores, items).map { "\($0)/\($1)" }, keys: [("store", stores), ("item", items)])
    // The total, three stores, four items; a store and an item together are one series.
    #expect(structure.sums.count == 8)
    let base = (0..<structure.count).map { _ in (0..<3).map { _ in 4 * random.normal() } }
    let residuals = (0..<structure.count).map { _ in (0..<30).map { _ in random.normal() } }
    for method in [ForecastReconciliation.Method.leastSquares, .structural, .variance, .minimumTrace] {
      let free = try ForecastReconciliation(method).reconcile(base, of: structure, residuals: residuals)
      #expect(structure.incoherence(free) < 1e-9)
      #expect(free.contains { $0.contains { $0 < 0 } })
      let kept = try ForecastReconciliation(method, isNonnegative: true)
        .reconcile(base, of: structure, residuals: residuals)
      #expect(structure.incoherence(kept) < 1e-9 && kept.allSatisfy { $0.allSatisfy { $0 >= 0 } })
    }
  }

  @Test func aMinimumTraceForecastErrsLessThanItsBase() throws {
    // Bottom series of independent noise about known means; the base errs independently at every level.
    let tree = try tree()
    var random = RandomSource(seed: 9)
    let truth = try tree.aggregate([[10], [20], [30], [40]])
    let deviation = [6.0, 3, 3, 2, 2, 2, 2]
    let residuals = deviation.map { d in (0..<400).map { _ in d * random.normal() } }
    var (before, after) = (0.0, 0.0)
    for _ in 0..<200 {
      let base = zip(truth, deviation).map { [$0[0] + $1 * random.normal()] }
      let found = try ForecastReconciliation(.minimumTrace).reconcile(base, of: tree, residuals: residuals)
      for index in truth.indices {
        before += (base[index][0] - truth[index][0]) * (base[index][0] - truth[index][0])
        after += (found[index][0] - truth[index][0]) * (found[index][0] - truth[index][0])
      }
    }
    #expect(after < 0.8 * before)
  }

  @Test func refusesWhatDoesNotFit() throws {
    let tree = try tree()
    #expect(throws: ForecastError.self) {
      try ForecastReconciliation(.minimumTrace).reconcile(Self.base, of: tree)
    }
    #expect(throws: ForecastError.self) {
      try ForecastReconciliation(.bottomUp).reconcile(Array(Self.base.dropLast()), of: tree)
    }
    #expect(throws: ForecastError.self) {
      try ForecastReconciliation(.middleOut(level: "none")).reconcile(Self.base, of: tree)
    }
    var broken = Self.base
    broken[2][1] = .nan
    #expect(throws: ForecastError.self) {
      try ForecastReconciliation(.leastSquares).reconcile(broken, of: tree)
    }
    #expect(throws: ForecastError.self) { try SummingStructure(paths: [["a", "b"], ["a"]]) }
    #expect(throws: ForecastError.self) { try SummingStructure(paths: [["a", "b"], ["a", "b"]]) }
  }
}
