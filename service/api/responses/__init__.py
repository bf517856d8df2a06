"""What is done to answers after the views made them: a status for who has them already, a coding, and who may read them."""
