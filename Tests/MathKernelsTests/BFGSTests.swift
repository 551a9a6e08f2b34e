import Foundation
import MathKernels
import Testing

@Suite struct BFGSTests {
  @Test(arguments: [[-1.2, 1.0], [5, -3], [0, 0], [1, 1]])
  func findsTheBottomOfRosenbrocksValley(_ start: [Double]) {
    let found = BFGS(gradientTolerance: 1e-8).minimize(from: start) { x in
      let (a, b) = (1 - x[0], x[1] - x[0] * x[0])
      return (a * a + 100 * b * b, [-2 * a - 400 * x[0] * b, 200 * b])
    }
    #expect(found.converged && found.gradientNorm <= 1e-8)
    #expect(abs(found.point[0] - 1) < 1e-7 && abs(found.point[1] - 1) < 1e-7)
  }

  @Test func staysInsideTheDomain() {
    // −ln x + x has its minimum at 1 and no value at or below 0.
    let found = BFGS().minimize(from: [1e-3]) { x in
      x[0] > 0 ? (-log(x[0]) + x[0], [1 - 1 / x[0]]) : (.infinity, [0])
    }
    #expect(found.converged && abs(found.point[0] - 1) < 1e-6)
  }

  @Test func saysSoWhenThereIsNoMinimum() {
    let found = BFGS(maximumSteps: 50).minimize(from: [0]) { ($0[0], [1]) }
    #expect(!found.converged)
    #expect(!BFGS().minimize(from: [0]) { _ in (.nan, [.nan]) }.converged)
  }

  @Test func theHessianOfAQuadraticIsItsMatrix() {
    let hessian = BFGS.hessian(at: [0.3, -2]) { x in
      (0, [4 * x[0] + x[1], x[0] + 6 * x[1]])
    }
    for (found, expected) in zip(hessian.elements, [4.0, 1, 1, 6]) { #expect(abs(found - expected) < 1e-9) }
  }
}

@Suite struct SpecialFunctionsTests {
  @Test func digammaAgreesWithKnownValues() {
    let euler = 0.577_215_664_901_532_9
    #expect(abs(SpecialFunctions.digamma(1) + euler) < 1e-14)
    #expect(abs(SpecialFunctions.digamma(0.5) + euler + 2 * log(2.0)) < 1e-14)
    #expect(abs(SpecialFunctions.digamma(1e-6) + 1e6 + euler) < 1e-5)
    #expect(abs(SpecialFunctions.digamma(1e8) - (log(1e8) - 0.5e-8)) < 1e-12)
    for x in [0.1, 0.7, 3.3, 9.99, 25] {
      let step = 1e-5
      let slope = (SpecialFunctions.logGamma(x + step) - SpecialFunctions.logGamma(x - step)) / (2 * step)
      #expect(abs(SpecialFunctions.digamma(x) - slope) < 1e-6 * (1 + abs(slope)))
    }
  }

  @Test func sumsOfExponentialsNeitherOverflowNorVanish() {
    #expect(abs(SpecialFunctions.logSumExp(-1000, -1000) + 1000 - log(2)) < 1e-12)
    #expect(SpecialFunctions.logSumExp(1000, -1000) == 1000)
    #expect(SpecialFunctions.logSumExp(-.infinity, 3) == 3)
    #expect(SpecialFunctions.logistic(-800) == 0 && SpecialFunctions.logistic(800) == 1)
    #expect(abs(SpecialFunctions.logistic(1.3) + SpecialFunctions.logistic(-1.3) - 1) < 1e-15)
  }

  @Test(arguments: [1, 2, 5, 8, 16])
  func gaussLegendreIsExactForPolynomials(_ order: Int) {
    let rule = GaussLegendre(order: order)
    #expect(abs(rule.weights.reduce(0, +) - 2) < 1e-14)
    for degree in 0..<2 * order {
      let sum = zip(rule.nodes, rule.weights).reduce(0) { $0 + $1.1 * pow($1.0, Double(degree)) }
      #expect(abs(sum - (degree % 2 == 0 ? 2 / Double(degree + 1) : 0)) < 1e-13)
    }
  }
}

@Suite struct RandomDistributionTests {
  private func moments(_ draw: (inout RandomSource) -> Double) -> (mean: Double, variance: Double) {
    var random = RandomSource(seed: 7)
    let values = (0..<200_000).map { _ in draw(&random) }
    return (Statistics.mean(values), Statistics.variance(values))
  }

  @Test(arguments: [0.2, 0.9, 1, 4.5, 80])
  func gammaHasItsMeanAndVariance(_ shape: Double) {
    let (mean, variance) = moments { $0.gamma(shape: shape) }
    #expect(abs(mean - shape) < 5 * (shape / 200_000).squareRoot())
    #expect(abs(variance / shape - 1) < 0.05)
  }

  @Test(arguments: [(0.5, 2.0), (3, 1), (0.01, 0.02)])
  func betaHasItsMeanAndVariance(_ a: Double, _ b: Double) {
    let (mean, variance) = moments { $0.beta(a, b) }
    let expected = a * b / ((a + b) * (a + b) * (a + b + 1))
    #expect(abs(mean - a / (a + b)) < 5 * (expected / 200_000).squareRoot())
    #expect(abs(variance / expected - 1) < 0.03)
  }

  @Test(arguments: [0.1, 3, 24.5, 300])
  func poissonHasItsMeanAndVariance(_ rate: Double) {
    let (mean, variance) = moments { Double($0.poisson(mean: rate)) }
    #expect(abs(mean - rate) < 5 * (rate / 200_000).squareRoot())
    #expect(abs(variance / rate - 1) < 0.03)
  }
}
