import Forecasting
import Foundation
import Learning
import MathKernels

/// Panels whose truth is known.
enum PanelFixtures {
  /// Weekly series of different size whose demand a price halves and a promotion doubles, with noise.
  static func promoted(count: Int = 40, length: Int = 90, noise: Double = 0.1) -> [TimeSeries] {
    (0..<count).map { index in
      var random = RandomSource(seed: 5, stream: UInt64(index) + 1)
      let size = 20 * Double(1 + index % 7)
      var (values, prices, promotions) = ([Double](), [Double](), [Double]())
      for _ in 0..<length {
        let promotion = random.uniform() < 0.2 ? 1.0 : 0
        let price = random.uniform() < 0.3 ? 2.0 : 4.0
        values.append(size * (price == 2 ? 2 : 1) * (1 + promotion) * exp(noise * random.normal()))
        prices.append(price)
        promotions.append(promotion)
      }
      return TimeSeries(
        id: "s\(index)", values: values, regressors: ["price": prices, "promotion": promotions],
        attributes: ["group": index % 2 == 0 ? "even" : "odd"],
        calendar: StepCalendar(first: CalendarDay(year: 2024, month: 1, day: 1), unit: .days(7)))
    }
  }

  /// What the price and promotion of the steps to come are, in every series.
  static func ahead(_ series: [TimeSeries], price: [Double], promotion: [Double]) -> [String: [String:
    [Double]]]
  {
    Dictionary(
      uniqueKeysWithValues: series.map { ($0.id, ["price": price, "promotion": promotion]) })
  }

  /// Weekly series without regressors around a level.
  static func plain(count: Int = 12, length: Int = 40) -> [TimeSeries] {
    (0..<count).map { index in
      var random = RandomSource(seed: 9, stream: UInt64(index) + 1)
      return TimeSeries(
        id: "p\(index)", values: (0..<length).map { _ in Double(10 + index) + 3 * random.normal() })
    }
  }
}
