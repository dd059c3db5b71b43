package org.charlstm.text.generated;

/** The word lists, common words first: nouns by what they can do or what can be done with them, and adjectives. */
final class Words {
    static final String RULES = """
            COUNT: two, three, 2, several, four, 3, some, a few, five, 4, many, six, a pair of, 5, seven, nine, 6,
              a dozen, 7, ten, 9
            AGE: 3, 4, 5, 2, 6, 7, 9, 10
            NUMBER: 47, 12, 9, 63, 5, 21, 30, 74, 16, 92, 3, 55, 204, 7, 19, 61, 36, 70, 43, 27, 509, 11, 95, 100, 32
            HOUR: 3, 12, 10, 9, 5, 2, 4, 11, 7, 1, 6
            MINUTE: 15, 30, 45, 00, 10, 20, 25, 50, 05, 35, 40, 55
            COLOUR: white, red, black, blue, green, brown, yellow, grey, orange, pink, purple, silver, golden, beige,
              turquoise, maroon, violet, cream
            PAINTED: COLOUR, blue and white, bright red, red and white, dark blue, pale green, yellow and black
            SIZE: large, small, big, little, tiny, huge, giant
            WEATHER: sunny, cloudy, windy, rainy, cold, hot, foggy, warm, misty, chilly, humid, stormy, frosty
            SKY: cloudy, clear blue, grey, dark, bright, stormy, pink, starry
            MATERIAL: wooden, metal, stone, glass, marble, steel, bamboo, plastic, iron
            PATTERN: striped, checked, plaid, dark, bright, warm, spotted, flowery, loose, torn

            ADULT: man, woman, man, woman, person, lady, student, tourist, gentleman, teacher, artist, musician, sailor
            SCHOOL_KID: boy, girl, child
            KID: boy, girl, boy, girl, child, kid, toddler
            ADULT_LOOK: young, old, smiling, tall, elderly, cheerful, middle aged, tired, barefoot, slim, busy
            KID_LOOK: young, little, small, happy, smiling, laughing, curious, excited, shy, sleepy, serious
            BEARD: long, grey, short, white, bushy, red, neat
            HAIR: long, short, curly, blond, wavy, messy, dark, red
            TOP: shirt, jacket, coat, sweater, hoodie, scarf, suit, uniform, raincoat, jumper, apron, waistcoat
            HAT: hat, cap, helmet, woolly hat, beret, baseball cap, headband, sun hat
            BOTTOMS: jeans, shorts, trousers, boots, shoes, trainers, gloves, sandals, overalls
            BAG: backpack, handbag, camera, suitcase, walking stick, shopping bag, briefcase
            LOAD: box, ladder, basket of FRUIT/s, bunch of flowers, bag of groceries, SIZE parcel, stack of books
            CART: pram, wheelbarrow, shopping trolley, cart full of FRUIT/s, wheelchair
            INSTRUMENT: guitar, violin, accordion, trumpet, drum, flute, saxophone, ukulele, banjo
            BIKE: bike, bicycle, scooter, mountain bike, tricycle, unicycle
            BALL: ball, football, beach ball, rugby ball

            DOG: dog, puppy, terrier, sheepdog, labrador, poodle, greyhound, beagle, bulldog
            CAT: cat, kitten
            FARM: horse, cow, sheep, goat, pony, donkey, lamb, bull, llama, foal, alpaca
            WILD: elephant, giraffe, zebra, lion, bear, antelope, deer, tiger, buffalo, camel, fox, leopard, wolf,
              kangaroo
            BIRD: bird, seagull, pigeon, parrot, owl, sparrow, crow, eagle, robin, magpie, hawk, blackbird, woodpecker
            COAT: brown, black, white, spotted, grey, fluffy, black and white, tan, shaggy, muddy, golden
            BEAST: large, young, adult, small, lone, wild, thirsty, majestic
            FEATHERS: small, black, colourful, white, large, brown, tiny, young, plump, noisy

            CAR: car, bus, truck, van, taxi, lorry, motorbike, fire engine, double decker bus, ambulance, jeep,
              police car, delivery van, minibus, tractor, limousine
            TRAIN: train, passenger train, steam train, freight train, tram, subway train, locomotive
            PLANE: plane, jet, passenger plane, fighter jet, biplane, seaplane
            BOAT: boat, sailing boat, fishing boat, ship, ferry, yacht, speedboat, barge, tugboat, houseboat
            AGED: old, vintage, modern, rusty, shiny, new, antique, dusty
            BUILDING: brick building, church, tall building, house, museum, hotel, school, stone cottage, castle,
              theatre, palace, library, warehouse, temple
            SHOP: shop, cafe, bakery, bookshop, restaurant, flower shop, cinema, bank, pub, supermarket, toy shop
            SIGHT: statue, fountain, clock tower, lighthouse, bridge, ruin, windmill, sculpture, street performer

            FRUIT: apple, banana, orange, lemon, pear, strawberry, peach, cherry, melon, pineapple, mango, plum, kiwi
            VEGETABLES: tomatoes, carrots, broccoli, onions, mushrooms, peppers, lettuce, potatoes, green beans, olives,
              spinach, cucumber, cabbage, avocado, asparagus
            FILLING: cheese, ham, chicken, bacon, sausage, eggs, tuna, beef, salmon, shrimp
            DISH: pizza, sandwich, salad, burger, hot dog, omelette, pie, burrito, pasta dish, steak, quiche, pancake
            MEAL: soup, noodles, rice, pasta, stew, curry, spaghetti, risotto, couscous
            SWEET: cake, doughnut, muffin, cupcake, waffle, biscuit, brownie, croissant, pastry, trifle
            HOT_DRINK: coffee, tea, hot chocolate, cocoa
            DRINK: water, orange juice, milk, lemonade, wine, beer, cider, iced tea
            BOWL: bowl, pot, dish, pan
            PLATE: plate, tray, dish, platter
            CUTLERY: fork, spoon, knife and fork, napkin, pair of chopsticks, candle, straw

            SOFA: sofa, armchair, couch, rug, chair, rocking chair, cushion
            TABLE: table, desk, counter, kitchen table, coffee table, bench, picnic table, shelf
            FURNITURE: table, chair, lamp, desk, bookcase, cupboard, mirror, fireplace, piano, grandfather clock
            APPLIANCE: fridge, oven, stove, sink, dishwasher, kettle, microwave, freezer, toaster
            WASHING: sink, bath, toilet, shower, mirror, towel rack, washbasin
            ROOM: living room, bedroom, dining room, hotel room, study, attic
            STYLE: clean, small, modern, tidy, bright, cosy, narrow, spacious, messy, quiet, elegant
            FLOWERS: flowers, roses, tulips, daisies, sunflowers, lilies, orchids, daffodils, poppies
            COMPUTER: laptop, computer, tablet, television
            GADGET: keyboard, phone, computer mouse, pair of glasses, notebook, remote control, alarm clock
            TOY: teddy bear, doll, toy train, jigsaw puzzle, wooden block, toy dinosaur, xylophone
            """;

    private Words() {
    }
}
