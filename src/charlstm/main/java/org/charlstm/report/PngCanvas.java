package org.charlstm.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.RoundRectangle2D;
import java.awt.image.BufferedImage;
import javax.imageio.ImageIO;
import module java.base;

/** Draws a chart with its title as a picture in light colours. No other class needs java.desktop. */
record PngCanvas(Graphics2D graphics) implements Chart.Canvas {
    private static final int SCALE = 3;
    private static final int MARGIN = 16;
    private static final int TITLE = 26;
    private static final float TITLE_SIZE = 14;

    static {
        System.setProperty("java.awt.headless", "true");
    }

    static byte[] draw(Chart chart) throws IOException {
        BufferedImage image = new BufferedImage((Chart.WIDTH + 2 * MARGIN) * SCALE,
                (chart.height() + 2 * MARGIN + TITLE) * SCALE, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        try {
            graphics.setColor(Color.WHITE);
            graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
            graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
            graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
            graphics.scale(SCALE, SCALE);
            graphics.translate(MARGIN, MARGIN);
            graphics.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 1).deriveFont(TITLE_SIZE));
            graphics.setColor(new Color(Chart.Ink.TEXT.light));
            graphics.drawString(chart.title(), 0, TITLE_SIZE);
            graphics.translate(0, TITLE);
            graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 1).deriveFont((float) FONT_SIZE));
            chart.draw(new PngCanvas(graphics));
        } finally {
            graphics.dispose();
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        if (!ImageIO.write(image, "png", bytes)) {
            throw new IOException("this Java has no writer of PNG files");
        }
        return bytes.toByteArray();
    }

    private Graphics2D with(Chart.Ink ink) {
        graphics.setColor(new Color(ink.light));
        return graphics;
    }

    @Override
    public void rule(double x1, double y1, double x2, double y2) {
        graphics.setStroke(new BasicStroke(1));
        with(Chart.Ink.GRID).draw(new Line2D.Double(x1, y1, x2, y2));
    }

    @Override
    public void path(double[] x, double[] y, Chart.Ink ink, int dash) {
        float[] dashes = new float[DASHES.get(dash).size()];
        for (int i = 0; i < dashes.length; i++) {
            dashes[i] = DASHES.get(dash).get(i);
        }
        Path2D path = new Path2D.Double();
        path.moveTo(x[0], y[0]);
        for (int i = 1; i < x.length; i++) {
            path.lineTo(x[i], y[i]);
        }
        graphics.setStroke(new BasicStroke(2, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1,
                dashes.length == 0 ? null : dashes, 0));
        with(ink).draw(path);
    }

    @Override
    public void dot(double x, double y, Chart.Ink ink, String hint) {
        with(ink).fill(new Ellipse2D.Double(x - 2.8, y - 2.8, 5.6, 5.6));
    }

    @Override
    public void bar(double x, double y, double width, double height, Chart.Ink ink, String hint) {
        with(ink).fill(new RoundRectangle2D.Double(x, y, width, height, 4, 4));
    }

    @Override
    public void text(double x, double y, Chart.Anchor anchor, Chart.Ink ink, String text) {
        double width = graphics.getFontMetrics().getStringBounds(text, graphics).getWidth();
        double left = switch (anchor) {
            case START -> x;
            case MIDDLE -> x - width / 2;
            case END -> x - width;
        };
        with(ink).drawString(text, (float) left, (float) y);
    }
}
