import Foundation
import Learning
import MathKernels
import Segmentation
import Testing

struct GaussianMixtureTests {
  private func fit(
    _ points: Matrix<Double>, _ segments: Int, _ family: CovarianceFamily, regularization: Double = 0
  ) throws -> GaussianMixtureModel {
    try GaussianMixture(
      .init(segments: segments, family: family, tolerance: 1e-10, regularization: regularization)
    ).fit(points, context: FitContext(seed: 1))
  }

  @Test func agreesWithMclustOnIris() throws {
    let model = try fit(Iris.points, 2, .vev)
    #expect(abs(model.bic + 561.7285) < 1e-3)
    #expect(model.icl <= model.bic && model.converged)
    #expect(try Agreement.adjustedRand(model.assign(Iris.points), Iris.species.map { min($0, 1) }) == 1)
  }

  @Test func theBestOnIrisIsMclusts() throws {
    let (model, table) = try MixtureSearch(
      segments: 1...3, configuration: .init(tolerance: 1e-7, regularization: 1e-9)
    ).best(Iris.points, context: FitContext(seed: 1))
    #expect(model.family == .vev && model.count == 2)
    #expect(table.count == 30)
  }

  /// One segment is a normal distribution, whose likelihood has a closed form.
  @Test func oneSegmentHasItsClosedForm() throws {
    let points = Planted(centers: 1, size: 500, columns: 2, apart: 3, seed: 4).points
    let n = Double(points.rows)
    let columns = (0..<2).map { column in (0..<points.rows).map { points[$0, column] } }
    let means = columns.map { $0.reduce(0, +) / n }
    func moment(_ a: Int, _ b: Int) -> Double {
      zip(columns[a], columns[b]).reduce(0) { $0 + ($1.0 - means[a]) * ($1.1 - means[b]) } / n
    }
    let (a, b, c) = (moment(0, 0), moment(0, 1), moment(1, 1))
    let determinants: [CovarianceFamily: Double] = [
      .vvv: a * c - b * b, .eee: a * c - b * b, .eev: a * c - b * b, .vev: a * c - b * b,
      .vvi: a * c, .eei: a * c, .evi: a * c, .vei: a * c, .vii: (a + c) * (a + c) / 4,
      .eii: (a + c) * (a + c) / 4,
    ]
    for family in CovarianceFamily.allCases {
      let determinant = try #require(determinants[family])
      let model = try fit(points, 1, family)
      #expect(abs(model.logLikelihood + n / 2 * (2 * log(2 * .pi) + log(determinant) + 2)) < 1e-6)
      #expect(abs(model.bic - model.icl) < 1e-9)
    }
  }

  /// What a family may choose less freely fits no better.
  @Test(arguments: [1, 2, 3] as [UInt64])
  func freerFamiliesFitNoWorse(seed: UInt64) throws {
    let points = Planted(centers: 3, size: 150, columns: 3, apart: 25, seed: seed).points
    let likelihoods = try Dictionary(
      uniqueKeysWithValues: CovarianceFamily.allCases.map {
        ($0, try fit(points, 3, $0).logLikelihood)
      })
    for (poorer, richer) in [
      (.eii, .vii), (.eii, .eei), (.eei, .vei), (.eei, .evi), (.vei, .vvi), (.evi, .vvi), (.eei, .eee),
      (.eee, .eev), (.eev, .vev), (.vev, .vvv), (.vvi, .vvv),
    ] as [(CovarianceFamily, CovarianceFamily)] {
      #expect(likelihoods[poorer]! <= likelihoods[richer]! + 1e-3)
    }
  }

  @Test func posteriorsAreSharesAndOneCoreGivesTheSame() throws {
    let points = Planted(centers: 3, size: 1_000, columns: 4, apart: 8, seed: 6).points
    let models = try [true, false].map {
      try GaussianMixture(.init(segments: 3, family: .vvi, serially: $0)).fit(
        points, context: FitContext(seed: 2))
    }
    #expect(models[0] == models[1])
    let posteriors = try models[0].posteriors(points)
    for row in 0..<points.rows { #expect(abs(posteriors.row(row).reduce(0, +) - 1) < 1e-12) }
    let loaded = try JSONDecoder().decode(
      GaussianMixtureModel.self, from: try JSONEncoder().encode(models[0]))
    #expect(try loaded.assign(points) == models[0].assign(points))
  }

  @Test func farRowsStillHaveASegment() throws {
    let model = try fit(Planted(centers: 2, size: 100, columns: 2, apart: 20, seed: 3).points, 2, .vvv)
    let far = try model.posteriors(Matrix(rows: 1, columns: 2, [1e6, -1e6]))
    #expect(abs(far.elements.reduce(0, +) - 1) < 1e-12)
  }

  @Test func collapseIsAnErrorUnlessRegularized() throws {
    let points = Matrix<Double>(rows: 30, columns: 2, (0..<30).flatMap { [Double($0 % 5), 1] })
    #expect(throws: SegmentationError.degenerateMixture(family: "VVV", segments: 2)) {
      try fit(points, 2, .vvv)
    }
    #expect(try fit(points, 2, .vvv, regularization: 1e-3).logLikelihood.isFinite)
    #expect(throws: SegmentationError.notEnoughData(needed: 40, found: 30)) { try fit(points, 40, .eii) }
  }
}
