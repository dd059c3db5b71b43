package org.charlstm.report;

/** A chart that can be drawn on a page and into a picture. */
interface Chart {
    /** In pixels: readable on a phone; it grows with the page. */
    int WIDTH = 420;

    /** Part of its picture's file name: lower-case letters, digits and underscores. */
    String name();

    String title();

    /** In pixels. */
    int height();

    void draw(Canvas canvas);
}
