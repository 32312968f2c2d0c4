package io.mortise.bench.report;

import java.awt.Font;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.CategorySeries;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.Styler.LegendPosition;

/** Draws columns of tables. Stateless. */
public final class Charts {
    private static final int WIDTH = 1_200;
    private static final int HEIGHT = 520;
    private static final Font SMALL = new Font(Font.SANS_SERIF, Font.PLAIN, 11);

    private Charts() {}

    /**
     * What is drawn of a table.
     *
     * @param across the column whose values stand below the chart
     * @param series the column whose values are lines, or colours of bars
     * @param value the column of the figures
     */
    public record Axes(String title, String across, String series, String value) {}

    /** Bars; or points, on a logarithmic scale, if the figures span decades. */
    public static void bars(Table table, Axes axes, boolean isLogarithmic, Path file) throws IOException {
        CategoryChart chart = new CategoryChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(axes.title())
                .yAxisTitle(axes.value())
                .build();
        chart.getStyler().setXAxisLabelRotation(45);
        chart.getStyler().setYAxisLogarithmic(isLogarithmic);
        if (isLogarithmic) { // Bars begin at 0, which such a scale has not.
            chart.getStyler().setDefaultSeriesRenderStyle(CategorySeries.CategorySeriesRenderStyle.Scatter);
        }
        chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
        chart.getStyler().setAxisTickLabelsFont(SMALL);
        List<String> across = distinct(table, axes.across());
        bySeries(table, axes).forEach((series, points) -> {
            List<Number> figures = new ArrayList<>();
            for (String place : across) {
                figures.add(points.getOrDefault(place, isLogarithmic ? Double.MIN_NORMAL : 0.0));
            }
            if (!isLogarithmic || figures.stream().allMatch(figure -> figure.doubleValue() > Double.MIN_NORMAL)) {
                chart.addSeries(series, across, figures);
            }
        });
        save(chart, file);
    }

    /** Lines over numbers, both on logarithmic scales. */
    public static void lines(Table table, Axes axes, Path file) throws IOException {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(axes.title())
                .xAxisTitle(axes.across())
                .yAxisTitle(axes.value())
                .build();
        chart.getStyler().setXAxisLogarithmic(true);
        chart.getStyler().setYAxisLogarithmic(true);
        chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
        chart.getStyler().setAxisTickLabelsFont(SMALL);
        bySeries(table, axes).forEach((series, points) -> {
            List<Double> x = points.keySet().stream().map(Double::valueOf).toList();
            chart.addSeries(series, x, List.copyOf(points.values()));
        });
        save(chart, file);
    }

    private static void save(Chart<?, ?> chart, Path file) throws IOException {
        BitmapEncoder.saveBitmap(chart, file.toString(), BitmapEncoder.BitmapFormat.PNG);
    }

    private static Map<String, Map<String, Double>> bySeries(Table table, Axes axes) {
        Map<String, Map<String, Double>> all = new LinkedHashMap<>();
        for (List<String> row : table.rows()) {
            String figure = row.get(table.column(axes.value()));
            if (figure.matches("-?[0-9.]+") && Double.parseDouble(figure) > 0) {
                all.computeIfAbsent(row.get(table.column(axes.series())), any -> new LinkedHashMap<>())
                        .put(row.get(table.column(axes.across())), Double.valueOf(figure));
            }
        }
        return all;
    }

    private static List<String> distinct(Table table, String column) {
        int index = table.column(column);
        return table.rows().stream().map(row -> row.get(index)).distinct().toList();
    }
}
