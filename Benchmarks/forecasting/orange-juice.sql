-- Dominick's orange juice as long series: one row for each store, brand and week, weeks without a sale record included.
-- Reads sales.csv.gz of the folder; the first week is that of 14 September 1989.
SET VARIABLE last_week = coalesce(try_cast(nullif(getenv('LAST_WEEK'), '') AS INTEGER), 160);
CREATE TEMP TABLE sales AS
SELECT store, brand, week, exp(logmove) AS units,
       list_value(price1, price2, price3, price4, price5, price6, price7, price8, price9, price10, price11) AS prices,
       deal, feat
FROM read_csv(getenv('FOLDER') || '/sales.csv.gz')
WHERE week <= getvariable('last_week');
CREATE TEMP TABLE grid AS
SELECT store, brand, unnest(range(min(week), max(week) + 1)) AS week
FROM sales GROUP BY store, brand HAVING max(week) = getvariable('last_week') AND count(*) >= 60;
COPY (
  SELECT store || '-' || brand AS unique_id, DATE '1989-09-14' + CAST(7 * (week - 1) AS INTEGER) AS ds, units AS y,
         coalesce(prices, last_value(prices IGNORE NULLS) OVER before)[brand] AS price,
         list_avg(coalesce(prices, last_value(prices IGNORE NULLS) OVER before)) AS other_prices,
         coalesce(deal, 0) AS deal, coalesce(feat, 0) AS feat, store, brand,
         coalesce(units * prices[brand], 0) AS revenue
  FROM grid LEFT JOIN sales USING (store, brand, week)
  WINDOW before AS (PARTITION BY store, brand ORDER BY week)
  ORDER BY store, brand, week
) TO '/dev/stdout' (HEADER);
