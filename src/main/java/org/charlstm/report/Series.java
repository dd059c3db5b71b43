package org.charlstm.report;

import java.util.List;

/**
 * Points that belong together.
 *
 * @param name   what they are, for the legend
 * @param number which series it is, from 0: its colour and dashes
 * @param points in the order of x
 */
record Series(String name, int number, List<Point> points) {
    /**
     * A point.
     *
     * @param hint words for those who point at it
     */
    record Point(double x, double y, String hint) {
    }

    double[] x() {
        return points.stream().mapToDouble(Point::x).toArray();
    }

    double[] y() {
        return points.stream().mapToDouble(Point::y).toArray();
    }

    Ink ink() {
        return Ink.series(number);
    }

    int dash() {
        return number % Canvas.DASHES.size();
    }
}
