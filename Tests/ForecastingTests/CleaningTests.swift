import Forecasting
import Learning
import MathKernels
import Testing

@Suite struct CleaningTests {
  private var plain: [Double] {
    var random = RandomSource(seed: 8)
    return (0..<60).map { 100 + Double($0 % 12) + random.normal() }
  }

  @Test func findsNothingOddAboutAPlainSeries() {
    #expect(SeriesCheck(TimeSeries(values: plain, seasonLength: 12)).findings.isEmpty)
    #expect(SeriesCheck(.nile.before(20)).findings.isEmpty)
  }

  @Test func findsTheKnownOutlierOfAirPassengers() {
    // March 1960, which seasonal adjustment programs also mark as one.
    let findings = SeriesCheck(.airPassengers).findings
    #expect(findings.map(\.kind) == [.outlier] && findings.first?.steps == [134])
  }

  @Test func findsWhatIsOdd() {
    func kinds(_ values: [Double], season: Int = 1) -> [SeriesCheck.Finding.Kind] {
      SeriesCheck(TimeSeries(values: values, seasonLength: season)).findings.map(\.kind)
    }
    #expect(kinds([]) == [.empty] && kinds([.nan]) == [.empty])
    #expect(kinds([3, 3, 3]) == [.constant])
    #expect(kinds([1, .nan, 3]) == [.missing])
    #expect(kinds([1, .infinity, 3]) == [.infinite])
    #expect(kinds([1, 2, 4], season: 12) == [.short])
    #expect(kinds([1, 0, 0, 2, 0, 0, 1]) == [.mostlyZero])
    #expect(kinds([1, 4, -2]) == [.negative])
    #expect(kinds([5, 3, 6, 0, 4, 5, 6, 4, 0, 0, 0, 0, 0]).contains(.ended))
  }

  @Test func findsOutliersAndShifts() {
    var values = plain
    values[30] += 25
    let outlier = SeriesCheck(TimeSeries(values: values, seasonLength: 12)).findings
    #expect(outlier.map(\.kind) == [.outlier] && outlier[0].steps == [30])
    var shifted = plain
    for step in 36..<60 { shifted[step] += 30 }
    let shift = SeriesCheck(TimeSeries(values: shifted, seasonLength: 12)).findings.filter {
      $0.kind == .levelShift
    }
    #expect(shift.count == 1 && abs((shift.first?.steps[0] ?? 0) - 36) <= 1)
  }

  @Test func findsAnomalies() throws {
    var values = plain
    values[40] += 15
    values[50] -= 15
    let series = TimeSeries(values: values, seasonLength: 12)
    let found = try AnomalyDetection().find(
      in: series, by: ETS(.init(forms: [ETSForm(.additive, .none, .additive)])), context: FitContext())
    #expect(found.map(\.step).contains(40) && found.map(\.step).contains(50))
    #expect(found.first { $0.step == 40 }?.score ?? 0 > 3.5)
    #expect(found.first { $0.step == 50 }?.score ?? 0 < -3.5)
    #expect(found.count <= 6)
    let flat = TimeSeries(values: [Double](repeating: 2, count: 20))
    #expect(try AnomalyDetection().find(in: flat, by: Naive(), context: FitContext()).isEmpty)
    #expect(throws: ForecastError.self) {
      _ = try AnomalyDetection(threshold: 0).find(in: flat, by: Naive(), context: FitContext())
    }
  }
}
